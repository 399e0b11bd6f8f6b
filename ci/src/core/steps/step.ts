import type { Command } from "../config/commands.js"
import type { ExecOutcome } from "../gates/exec.js"

/** One command of several that run in one container, for each start of a container costs more than most of them. */
export interface Step {
  /** Unlike that of any other step beside it. */
  readonly name: string
  /** What is told of it, and what is run. */
  readonly argv: Command
  /** What is run instead, where the command is wrapped in something that nobody wants to read. */
  readonly runs?: Command
  /** Its working directory; the script's own when it says none. */
  readonly folder?: string
  /** Its own limit, within that of all steps together. */
  readonly timeoutSeconds?: number
  /** A file that takes its stdout instead. */
  readonly stdoutFile?: string
  /** When it fails, the steps after it are left out. */
  readonly needed?: boolean
  /** It asks for what must be refused, so that 0 is its bad end. */
  readonly refused?: boolean
}

/** Whether any of them ended otherwise than it should. */
export function endedRed(steps: readonly Step[], outcomes: readonly StepOutcome[]): boolean {
  const refused = new Set(steps.filter((step) => step.refused === true).map(({ name }) => name))
  return outcomes.some(({ name, exitCode }) => (exitCode === 0) === refused.has(name))
}

/** How a step ended. */
export interface StepOutcome extends ExecOutcome {
  readonly name: string
  readonly seconds: number
}

/** Steps by their commands alone. */
export const stepsOf = (commands: readonly Command[], more: Pick<Step, "needed"> = {}): readonly Step[] => commands.map((argv, index) => ({ name: String(index + 1), argv, ...more }))

/** `lint 0.4 s, render 0.6 s`: what each took. */
export const describeSeconds = (outcomes: readonly StepOutcome[]): string => outcomes.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", ")
