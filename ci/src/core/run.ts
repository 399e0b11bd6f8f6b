import { InternalError } from "./errors.js"
import type { PlannedStage, StageSkip } from "./plan.js"
import { stageLabel } from "./schedule.js"
import { overallVerdict, type SkipKind, type Verdict } from "./verdict.js"

export const SEVERITIES = ["critical", "high", "moderate", "low", "info"] as const
export type Severity = (typeof SEVERITIES)[number]

/** One thing a tool found: a lint message, a vulnerable package, a failed test case, a broken budget. */
export interface Finding {
  readonly severity: Severity
  readonly rule: string
  readonly message: string
  readonly file: string | null
  readonly line: number | null
}

/** What a gate says about one stage; nothing in it depends on time or place. */
export interface GateResult {
  readonly verdict: Verdict
  readonly skipKind: SkipKind | null
  readonly reason: string
  readonly findings: readonly Finding[]
}

/** One row of run.json. */
export interface StageResult extends GateResult {
  readonly stage: string
  readonly service: string | null
  readonly environment: string | null
  readonly cached: boolean
  readonly durationSeconds: number
  /** Files of the run's folder that prove the verdict, relative to it. */
  readonly evidence: readonly string[]
}

/** What is known of a run before its first stage. */
export interface RunHeader {
  readonly runId: string
  readonly attempt: number
  readonly commit: string
  readonly dirty: boolean
  /** Commit or digest of the release; null before there is one. */
  readonly release: string | null
  /** The environments of the run, joined by commas; null when it touches none. */
  readonly environment: string | null
  /** ISO 8601, UTC. */
  readonly startedAt: string
}

/** run.json. */
export interface RunRecord extends RunHeader {
  readonly schemaVersion: 1
  readonly verdict: Verdict
  readonly reason: string
  readonly durationSeconds: number
  readonly stages: readonly StageResult[]
}

/** The reason of a run that ended before its stages did. */
export const INTERRUPTED = "interrupted"

/** A row of run.json from what a gate said and what the clock said. */
export function stageResult(
  planned: PlannedStage,
  gate: GateResult,
  facts: { readonly durationSeconds: number; readonly cached?: boolean; readonly evidence?: readonly string[] },
): StageResult {
  const { stage, service, environment } = planned
  const { verdict, skipKind, reason, findings } = gate
  const { durationSeconds, cached = false, evidence = [] } = facts
  return { stage, service, environment, verdict, skipKind, reason, cached, durationSeconds, findings, evidence }
}

export function skippedResult(planned: PlannedStage, skip: StageSkip): StageResult {
  const gate: GateResult = { verdict: "skipped", skipKind: skip.kind, reason: skip.reason, findings: [] }
  return stageResult(planned, gate, { durationSeconds: 0 })
}

/** run.json as it stands now. Stages without a result read as interrupted, so a killed run never looks green. */
export function assembleRun(
  header: RunHeader,
  plan: readonly PlannedStage[],
  results: ReadonlyMap<string, StageResult>,
  durationSeconds: number,
): RunRecord {
  const stages = plan.map((planned) => results.get(planned.id) ?? unfinished(planned))
  const overall = overallVerdict(stages)
  const missing = stages.some((stage) => stage.verdict === "error" && stage.reason === INTERRUPTED)
  const worst = stages.find((stage) => stage.verdict === overall.verdict)
  const reason = missing ? INTERRUPTED : overall.reason || describeEnd(overall.verdict, worst, stages)
  const { runId, attempt, commit, dirty, release, environment, startedAt } = header
  const facts = { runId, attempt, verdict: overall.verdict, reason, commit, dirty, release, environment, startedAt }
  return { schemaVersion: 1, ...facts, durationSeconds, stages }
}

function unfinished(planned: PlannedStage): StageResult {
  if (planned.skip !== null) return skippedResult(planned, planned.skip)
  const gate: GateResult = { verdict: "error", skipKind: null, reason: INTERRUPTED, findings: [] }
  return stageResult(planned, gate, { durationSeconds: 0 })
}

function describeEnd(verdict: Verdict, worst: StageResult | undefined, stages: readonly StageResult[]): string {
  if (verdict !== "passed" && worst !== undefined) {
    const others = stages.filter((stage) => stage.verdict === verdict).length - 1
    return `${stageLabel(worst)}: ${worst.reason}${others > 0 ? ` (and ${others} more)` : ""}`
  }
  const passed = stages.filter((stage) => stage.verdict === "passed").length
  const skipped = stages.length - passed
  return `${passed} ${passed === 1 ? "stage" : "stages"} passed${skipped > 0 ? `, ${skipped} skipped` : ""}`
}

export function renderRunJson(run: RunRecord): string {
  return `${JSON.stringify(run, null, 2)}\n`
}

/** Reads a run.json that this module wrote. */
export function parseRunJson(text: string): RunRecord {
  const run = JSON.parse(text) as Partial<RunRecord>
  if (run.schemaVersion === 1 && Array.isArray(run.stages)) return run as RunRecord
  throw new InternalError(`run.json: expected schemaVersion 1 with stages, got ${String(run.schemaVersion)}. Run the pipeline again.`)
}
