import type { Finding, Severity } from "../../run.js"

/** A finding, and the line of the output that tells it. */
export interface FoundAt {
  readonly at: number
  readonly finding: Finding
}

/** What a linter prints. Each is one small file, and one line in linters.ts. */
export interface Linter {
  /** The name of its program. */
  readonly name: string
  readonly read: (lines: readonly string[]) => readonly FoundAt[]
  /** Signs, in anybody's output, that it could not load its configuration or broke down; the first group says more. */
  readonly broken: readonly RegExp[]
  /** Signs that are too common to be taken for its own in the output of, say, `npm run lint`. */
  readonly brokenAlone?: readonly RegExp[]
}

export interface FindingParts {
  readonly severity: Severity
  readonly rule: string
  readonly message: string
  readonly file: string | null
  readonly line?: string | undefined
}

export function foundAt(at: number, { severity, rule, message, file, line }: FindingParts): FoundAt {
  return { at, finding: { severity, rule, message: message.trim(), file, line: line === undefined ? null : Number(line) } }
}

/** One finding for each line that a pattern matches. */
export function eachLine(lines: readonly string[], pattern: RegExp, parts: (groups: readonly (string | undefined)[]) => FindingParts): readonly FoundAt[] {
  return lines.flatMap((line, at) => {
    const match = pattern.exec(line)
    return match === null ? [] : [foundAt(at, parts(match.slice(1)))]
  })
}

const LINT_LEVELS: Readonly<Record<string, Severity>> = { error: "high", warning: "moderate", warn: "moderate", info: "low", style: "info", note: "info" }

/** The level that a linter gives, as a severity; without one it is an error. */
export function severityOf(level: string | undefined): Severity {
  return LINT_LEVELS[(level ?? "error").toLowerCase()] ?? "high"
}
