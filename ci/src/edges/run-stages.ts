import { availableParallelism } from "node:os"
import { dag, type Directory } from "@dagger.io/dagger"
import { getTracer } from "@dagger.io/dagger/telemetry"
import { InternalError } from "../core/errors.js"
import { errorGate } from "../core/gates/gate.js"
import type { PlannedStage } from "../core/plan.js"
import { stageFileName } from "../core/report/found.js"
import { oneLine } from "../core/report/table.js"
import { assembleRun, skippedResult, stageResult, type RunRecord, type StageResult } from "../core/run.js"
import { admitStages, nextStages, stageLabel, stagesAtOnce } from "../core/schedule.js"
import { textFile } from "./exec.js"
import { StageStop, type Run, type StageOutput } from "./run.js"
import type { RunStore } from "./run-store.js"
import { embeddedSonar } from "./sonar-server.js"
import { STAGE_WORK } from "./stage-table.js"
import { filePaths } from "./files-alone.js"

// On top of the limit inside the container, for what has none there: pulls, image builds, services that start.
const GRACE_SECONDS = 120
const CLUSTER_LIMIT_SECONDS = 3600
const LOCAL = "local"

/** Runs a plan: all that can run at once does, up to `maxParallel` (0: as the engine's cores allow); the run's folder is written after every end. */
export async function runStages(run: Run, plan: readonly PlannedStage[], store: RunStore, maxParallel: number): Promise<RunRecord> {
  const started = Date.now()
  // This program runs in the engine, so these are the cores that the stages have.
  const atOnce = stagesAtOnce(maxParallel, availableParallelism())
  const { results } = run
  const begun = new Set<string>()
  const running = new Map<string, Promise<void>>()
  const record = (): RunRecord => assembleRun({ ...run.header, release: run.release?.commit ?? null }, plan, results, secondsSince(started))
  const say = (line: string): void => console.log(`[${secondsSince(started).toFixed(0).padStart(4)} s] ${oneLine(line)}`)

  // Told at the end: a store that fails must not stop the stages, nor go unnoticed.
  const written: Promise<void>[] = []
  const write = (evidence: Directory | null): void => {
    const writing = store.update(record(), evidence)
    writing.catch(() => undefined)
    written.push(writing)
  }
  let lastEvidence: Directory | null = null

  write(null)
  warmUp(run, plan)
  for (;;) {
    const next = nextStages(plan, results, begun)
    for (const { planned, skip } of next.skipped) results.set(planned.id, skippedResult(planned, skip))
    if (next.finished) break
    const active = plan.filter(({ id }) => running.has(id))
    for (const planned of admitStages(next.ready, active, atOnce)) {
      begun.add(planned.id)
      say(`${stageLabel(planned)}: started`)
      const work = runStage(run, planned).then(({ result, evidence }) => {
        results.set(planned.id, result)
        running.delete(planned.id)
        say(`${stageLabel(planned)}: ${result.verdict}${result.cached ? " (cached)" : ""}${result.reason === "" ? "" : ` — ${result.reason}`}`)
        // Each write is a container of its own, so the last stage's files go with the closing one.
        if (nextStages(plan, results, begun).finished) lastEvidence = evidence
        else write(evidence)
      })
      running.set(planned.id, work)
    }
    if (running.size === 0) throw new InternalError(`no stage can run, and these have not: ${plan.filter(({ id }) => !results.has(id)).map(({ id }) => id).join(", ")}`)
    await Promise.race(running.values())
  }
  const final = record()
  await Promise.all([...written, store.update(final, lastEvidence)])
  return final
}

/** The cluster of `local` takes its time to start, so it starts beside the first stages; whoever needs it gets its error. */
function warmUp(run: Run, plan: readonly PlannedStage[]): void {
  const needed = plan.some(({ environment, skip }) => environment === LOCAL && skip === null)
  if (needed) run.target(LOCAL).catch(() => undefined)
  warmUpSonar(run, plan)
}

/** So does the embedded SonarQube, unless nothing has changed since it last passed. */
function warmUpSonar(run: Run, plan: readonly PlannedStage[]): void {
  const planned = plan.find(({ stage, skip }) => stage === "sonar" && skip === null)
  const { sonar } = run.checkout.config
  if (planned !== undefined && sonar !== null && sonar.hostUrl === null) embeddedSonar(run, sonar, planned.timeoutSeconds).catch(() => undefined)
}

interface StageEnd {
  readonly result: StageResult
  readonly evidence: Directory | null
}

/** One stage with its span, its limit in time and its retries; only `error` is tried again. */
async function runStage(run: Run, planned: PlannedStage): Promise<StageEnd> {
  const started = Date.now()
  const work = STAGE_WORK[planned.stage]
  return getTracer().startActiveSpan(stageLabel(planned), async () => {
    let output: StageOutput = { gate: errorGate("not run") }
    // The cluster of `local` may have to be built first, on a new machine for a quarter of an hour: that is not the stage's time.
    if (planned.environment === LOCAL) await within(CLUSTER_LIMIT_SECONDS, run.target(LOCAL)).catch(() => undefined) // the stage itself meets its error
    for (let attempt = 0; attempt <= planned.retries; attempt += 1) {
      output = await within(planned.timeoutSeconds + GRACE_SECONDS, work(run, planned, attempt)).catch((error: unknown) => brokenOff(planned, error))
      if (output.gate.verdict !== "error") break
    }
    const { gate, cached = false, evidence, artifacts } = output
    const paths = evidence === undefined ? [] : await filePaths(evidence)
    const facts = { durationSeconds: secondsSince(started), cached, evidence: artifacts === undefined ? paths : [...paths, artifacts.path] }
    return { result: stageResult(planned, gate, facts), evidence: keptFiles(output) }
  })
}

function brokenOff(planned: PlannedStage, error: unknown): StageOutput {
  if (!(error instanceof StageStop)) return { gate: errorGate(error instanceof Error ? error.message : String(error)) }
  return { gate: error.gate, evidence: textFile(`logs/${stageFileName(planned)}.log`, error.log) }
}

function keptFiles({ evidence, artifacts }: StageOutput): Directory | null {
  if (artifacts === undefined) return evidence ?? null
  return (evidence ?? dag.directory()).withDirectory(artifacts.path, artifacts.files)
}

function within<Value>(limitSeconds: number, work: Promise<Value>): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${limitSeconds} s`)), limitSeconds * 1000)
  })
  return Promise.race([work, limit]).finally(() => clearTimeout(timer))
}

const secondsSince = (started: number): number => Math.round((Date.now() - started) / 100) / 10
