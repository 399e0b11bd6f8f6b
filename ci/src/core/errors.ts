/** Stable codes of the errors that this module raises itself. */
export const ERROR_CODES = {
  config: "E100",
  usage: "E101",
  pins: "E102",
  release: "E103",
  registry: "E104",
  internal: "E199",
} as const
export type ErrorCode = (typeof ERROR_CODES)[keyof typeof ERROR_CODES]

/** Base of every error raised on purpose. Dagger shows `message` alone, so it must be complete in itself. */
export abstract class DeliveryError extends Error {
  abstract readonly code: ErrorCode
}

/** One thing that is wrong in a file, with what to do about it. */
export interface ConfigProblem {
  readonly file: string
  readonly line: number
  /** Path of the key, such as `services.backend.port`; empty for the whole file. */
  readonly where: string
  readonly expected: string
  readonly got: string
  readonly fix: string
}

/** Everything that is wrong with a file, at once. */
export class ConfigError extends DeliveryError {
  override readonly name = "ConfigError"
  readonly code = ERROR_CODES.config

  constructor(readonly problems: readonly ConfigProblem[]) {
    super(describeProblems(problems))
  }
}

/** A call that asks for something that does not exist or may not be done. */
export class UsageError extends DeliveryError {
  override readonly name = "UsageError"
  readonly code = ERROR_CODES.usage
}

/** An image or tool that pins.yaml does not name, or names badly. */
export class PinsError extends DeliveryError {
  override readonly name = "PinsError"
  readonly code = ERROR_CODES.pins
}

/** A state that the code rules out; meeting it is a bug of this module. */
export class InternalError extends DeliveryError {
  override readonly name = "InternalError"
  readonly code = ERROR_CODES.internal
}

function describeProblems(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`
  const files = [...new Set(problems.map((problem) => problem.file))].join(", ")
  return [`${files}: ${count}`, ...problems.map(describeProblem)].join("\n")
}

function describeProblem(problem: ConfigProblem): string {
  const where = problem.where === "" ? "" : `${problem.where}: `
  return `  ${problem.file}:${problem.line}: ${where}expected ${problem.expected}, got ${problem.got}. ${problem.fix}`
}
