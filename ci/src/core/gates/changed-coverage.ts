import type { FileChange } from "../changes.js"
import type { Finding } from "../run.js"
import type { Coverage } from "./coverage.js"

/** How well the tests cover what changed. */
export interface ChangedCoverage {
  /** Changed lines that can be covered; others, such as comments, do not count. */
  readonly lines: number
  readonly covered: number
  /** One for each file with changed lines that no test runs. */
  readonly findings: readonly Finding[]
  /** Changed sources that no report mentions: whether they are covered is not known. */
  readonly unreported: readonly string[]
}

export function changedCoverage(coverage: Coverage, changes: readonly FileChange[]): ChangedCoverage {
  const known = changes.map(({ path, lines }) => {
    const hits = coverage.files.get(path)
    const numbers = lines.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index))
    return { path, hits, numbers: numbers.filter((line) => hits?.has(line)) }
  })
  const extensions = new Set([...coverage.files.keys()].map(extension))
  const uncovered = known.map(({ path, hits, numbers }) => ({ path, numbers: numbers.filter((line) => hits?.get(line) === 0) })).filter(({ numbers }) => numbers.length > 0)
  const lines = known.reduce((sum, { numbers }) => sum + numbers.length, 0)
  return {
    lines,
    covered: lines - uncovered.reduce((sum, { numbers }) => sum + numbers.length, 0),
    findings: uncovered.map(({ path, numbers }) => uncoveredFinding(path, numbers)),
    unreported: changes.filter(({ path, lines: changed }) => changed.length > 0 && !coverage.files.has(path) && extensions.has(extension(path)) && !TEST_FILE.test(path)).map(({ path }) => path),
  }
}

/** Tests are in no report of what they cover. */
const TEST_FILE = /(^|\/)(tests?|__tests__|specs?)\/|[._-](test|spec)s?\.[^/]*$|(^|\/)(test_[^/]*|conftest)\.py$/

function uncoveredFinding(file: string, numbers: readonly number[]): Finding {
  const message = `changed and run by no test: ${numbers.length === 1 ? "line" : "lines"} ${ranges(numbers)}`
  return { severity: "moderate", rule: "uncovered-lines", message, file, line: numbers[0] ?? null }
}

/** `3-5, 9`. */
function ranges(numbers: readonly number[]): string {
  const starts = numbers.filter((number) => !numbers.includes(number - 1))
  return starts
    .map((start) => {
      let end = start
      while (numbers.includes(end + 1)) end += 1
      return end === start ? String(start) : `${start}-${end}`
    })
    .join(", ")
}

function extension(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0] ?? ""
}
