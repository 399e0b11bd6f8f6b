import type { Step, StepOutcome } from "./step.js"

/** What a script of steps left, but for what it showed. */
export interface StepEndings {
  /** The word that this script, and no other, tells its steps apart by. */
  readonly mark: string
  /** Seconds since 1970. */
  readonly ranAt: number
  /** The id of the run that ran it; empty where nobody said one. */
  readonly ranBy: string
  readonly ended: ReadonlyMap<string, Omit<StepOutcome, "argv" | "name">>
}

const FIRST_LINE = /^(\S+) (\d+) (\S*)\n/
const RECORD_LINE = /^ (\S+) (\d+) ([\d.]+) ([\d.]+)\n/

/** Reads the endings; null when the text is none, as of a script that could not begin. */
export function readEndings(text: string): StepEndings | null {
  const [, mark, ranAt, ranBy = ""] = FIRST_LINE.exec(text) ?? []
  if (mark === undefined) return null
  const ended = new Map<string, Omit<StepOutcome, "argv" | "name">>()
  // A record's first part holds its line and stdout, the one after it, without a name, stderr.
  const parts = text.split(`\n${mark}`).slice(1)
  for (const [index, part] of parts.entries()) {
    const [line, name, code, began, over] = RECORD_LINE.exec(part) ?? []
    if (line === undefined || name === undefined) continue
    const next = parts[index + 1]
    const stderr = next?.startsWith("\n") === true ? next.slice(1) : ""
    ended.set(name, { exitCode: Number(code), stdout: part.slice(line.length), stderr, seconds: Math.round((Number(over) - Number(began)) * 100) / 100 })
  }
  return { mark, ranAt: Number(ranAt), ranBy, ended }
}

/**
 * How each step of a list ended, with what it said. One that should have run and left nothing was killed with the script: -1.
 * Those that were left out after a needed one are not there.
 */
export function stepOutcomes(steps: readonly Step[], { mark, ended }: StepEndings, shown: { readonly stdout: string; readonly stderr: string } | null = null): readonly StepOutcome[] {
  const [stdouts, stderrs] = [shown?.stdout, shown?.stderr].map((text) => (text === undefined ? null : partsOf(text, mark, steps.length)))
  const outcomes: StepOutcome[] = []
  for (const [index, { name, argv, needed = false }] of steps.entries()) {
    const end = ended.get(name) ?? { exitCode: -1, stdout: "", stderr: "", seconds: 0 }
    outcomes.push({ ...end, name, argv, ...(stdouts === null || stderrs === null ? {} : { stdout: stdouts?.[index] ?? "", stderr: stderrs?.[index] ?? "" }) })
    if (needed && end.exitCode !== 0) break
  }
  return outcomes
}

/** What each step said, of an output that all of them share. */
function partsOf(text: string, mark: string, count: number): readonly string[] {
  return count === 1 ? [text] : text.split(new RegExp(`(?:^|\\n)\\[${mark.split("-")[0]} \\d+/\\d+\\][^\\n]*\\n`)).slice(1)
}
