import { dag, type Container, ReturnType } from "@dagger.io/dagger"
import type { Command } from "../core/config/commands.js"
import type { ExecOutcome } from "../core/gates/exec.js"
import { readEndings, stepOutcomes } from "../core/steps/endings.js"
import { LIMIT_VARIABLE, RAN_BY_VARIABLE, stepsScript, type StepsScript } from "../core/steps/script.js"
import { endedRed, stepsOf, type Step, type StepOutcome } from "../core/steps/step.js"

/** Commands that have run in one exec, with the container as they left it. */
export interface StepsResult {
  readonly outcomes: readonly StepOutcome[]
  readonly container: Container
  /** The engine gave an earlier run's result. */
  readonly cached: boolean
}

/** A command that has run, with the container as it left it. */
export interface ExecResult extends ExecOutcome {
  readonly container: Container
  /** The engine gave an earlier run's result. */
  readonly cached: boolean
}

export interface ExecLimits {
  readonly runId: string
  /** Of all commands together. */
  readonly timeoutSeconds: number
}

const SCRIPT = "/delivery/steps"
const ENDINGS = "/delivery/steps-ended"
const EXEC_TITLE_LENGTH = 400

/** How steps run when nobody is to see what they say: it may hold secrets, or is of several at once. */
export type KeptSteps = Pick<StepsScript, "lanes" | "before">

/**
 * Runs steps one after another in one exec, also after a failed one unless it was needed. Each is stopped at its limit and then ends
 * with 124 or 137. A red result is never taken from the cache: then all are run again.
 */
export async function runSteps(container: Container, steps: readonly Step[], limits: ExecLimits): Promise<StepsResult> {
  if (steps.length === 0) return { outcomes: [], container, cached: true }
  return runFresh(container, { lists: [steps], shown: true }, limits)
}

/** The same for lists of steps, whose words come back with them and are shown to nobody. */
export const runKept = (container: Container, lists: readonly (readonly Step[])[], limits: ExecLimits, more: KeptSteps = {}): Promise<StepsResult> =>
  runFresh(container, { lists, shown: false, ...more }, limits)

/** Runs one command to its end, whatever its exit code. */
export async function runCommand(container: Container, argv: Command, limits: ExecLimits): Promise<ExecResult> {
  const [result] = await runCommands(container, [argv], limits)
  if (result === undefined) throw new Error(`${argv.join(" ")} was not run`)
  return result
}

/** Runs all commands one after another, each on what the one before left, also after a failed one. */
export async function runCommands(container: Container, commands: readonly Command[], limits: ExecLimits): Promise<readonly ExecResult[]> {
  const { outcomes, container: left, cached } = await runSteps(container, stepsOf(commands), limits)
  return outcomes.map((outcome) => ({ ...outcome, container: left, cached }))
}

interface StepsJob extends KeptSteps {
  readonly lists: readonly (readonly Step[])[]
  readonly shown: boolean
}

async function runFresh(container: Container, job: StepsJob, limits: ExecLimits): Promise<StepsResult> {
  const first = await runOnce(container, job, limits)
  if (!first.cached || !endedRed(job.lists.flat(), first.outcomes)) return first
  return runOnce(container.withEnvVariable("DELIVERY_AGAIN", limits.runId), job, limits)
}

// Id and limit enter through variables that are no part of the cache key: a result that holds another id is an earlier run's,
// and stages of different limits would otherwise each install the same dependencies, at the same time.
async function runOnce(container: Container, { lists, ...script }: StepsJob, { runId, timeoutSeconds }: ExecLimits): Promise<StepsResult> {
  const ran = container
    .withNewFile(SCRIPT, stepsScript(lists, { endings: ENDINGS, ...script }), { permissions: 0o755 })
    .withVolatileVariable(RAN_BY_VARIABLE, runId)
    .withVolatileVariable(LIMIT_VARIABLE, String(timeoutSeconds))
    // The arguments are for those who watch: the engine shows them as what is being run.
    .withExec([SCRIPT, lists.flat().map(({ argv }) => argv.join(" ")).join("; ").slice(0, EXEC_TITLE_LENGTH)], { expect: ReturnType.Any })
  const text = await ran.file(ENDINGS).contents()
  const [stdout, stderr] = await Promise.all([ran.stdout(), ran.stderr()])
  const endings = readEndings(text)
  if (endings === null) throw new Error(`the commands could not be started in their container: ${stderr.trim().slice(-300)}`)
  const outcomes = lists.flatMap((steps) => stepOutcomes(steps, endings, script.shown ? { stdout, stderr } : null))
  return { outcomes, container: ran, cached: endings.ranBy !== runId }
}

/** An effect: runs each time, whatever ran before. */
export function uncached(container: Container, nonce: string): Container {
  return container.withEnvVariable("DELIVERY_NONCE", nonce)
}

let nonceCount = 0

/** Different in every call of every run. */
export function nextNonce(runId: string): string {
  nonceCount += 1
  return `${runId}-${Date.now()}-${nonceCount}`
}

/** What the commands wrote, as one text to keep. */
export function commandLog(results: readonly (ExecOutcome & Partial<Pick<StepOutcome, "seconds">>)[]): string {
  return results.map(({ argv, exitCode, seconds, stdout, stderr }) => `$ ${argv.join(" ")}\n${stdout}${stderr}[exit code ${exitCode}]${seconds === undefined ? "" : ` after ${seconds.toFixed(1)} s`}\n`).join("\n")
}

/** A directory with one text file. */
export function textFile(path: string, text: string) {
  return dag.directory().withNewFile(path, text)
}
