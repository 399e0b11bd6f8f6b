import type { FileChange } from "../changes.js"
import type { Finding, GateResult } from "../run.js"
import { mergeCoverage, readCoverage, type Coverage } from "./coverage.js"
import { judgeCoverage, listed, type CoverageLimits, type CoverageVerdict } from "./coverage-limits.js"
import { counted, errorGate, failedGate, passedGate } from "./gate.js"
import { repositoryPath, type SourcePlace } from "./source-place.js"
import { sharedCase, type JudgedCase } from "./test-cases.js"
import { readTests, type ShardTests, type TestRun } from "./test-runs.js"

export interface TestsInput {
  /** By shard, each with its tries; a command that is not shared has one shard. */
  readonly shards: readonly (readonly TestRun[])[]
  readonly timeoutSeconds: number
  readonly limits: CoverageLimits
  /** What changed in the service; null when nobody asked. */
  readonly changes: readonly FileChange[] | null
  readonly place: SourcePlace
  /** Red tests were not run again although they should have been, for the stage had no time left. */
  readonly outOfTime?: boolean
}

export interface TestCounts {
  readonly total: number
  readonly failed: number
  readonly skipped: number
  readonly flaky: number
}

export interface TestsGateResult extends GateResult {
  readonly cases: readonly JudgedCase[]
  readonly tests: TestCounts
  readonly coverage: Coverage | null
  readonly coveragePercent: number | null
}

/** The gate of `test`: the reports are believed before the exit code, and no tests are never a pass. */
export async function judgeTests({ shards, timeoutSeconds, limits, changes, place, outOfTime = false }: TestsInput): Promise<TestsGateResult> {
  const read = await Promise.all(shards.map((tries) => readTests(tries, timeoutSeconds)))
  const reports = await Promise.all(shards.flat().map(({ cobertura, lcov }) => readCoverage(cobertura, lcov, place)))
  const coverage = mergeCoverage(reports.filter((report) => report !== null))
  const covered = judgeCoverage(coverage, limits, changes)
  const cases = read.flatMap((shard) => shard.cases)
  const count = (outcome: JudgedCase["outcome"]): number => cases.filter((each) => each.outcome === outcome).length
  const tests = { total: cases.length, failed: count("failed"), skipped: count("skipped"), flaky: count("flaky") }
  return { ...judgeRead(read, cases, tests, { coverage: covered, place, outOfTime }), cases, tests, coverage, coveragePercent: covered.percent }
}

interface ReadContext {
  readonly coverage: CoverageVerdict
  readonly place: SourcePlace
  readonly outOfTime: boolean
}

function judgeRead(shards: readonly ShardTests[], cases: readonly JudgedCase[], tests: TestCounts, { coverage, place, outOfTime }: ReadContext): GateResult {
  const findings = [...cases.filter(isFailed).map((each) => failedFinding(each, place)), ...cases.filter(isFlaky).map((each) => flakyFinding(each, place))]
  const flaky = tests.flaky === 0 ? [] : [`${counted(tests.flaky, "flaky test")}: ${listed(cases.filter(isFlaky).map(({ name }) => name))}`]
  const cutShort = firstOf(shards, "cutShort")
  // A run that was cut short has not seen every test; what it did see stays in the findings.
  if (cutShort !== null) return errorGate(cutShort, findings)
  const shared = sharedCase(shards.map((shard) => shard.cases))
  if (shared !== null) return errorGate(ignoredShard(shared.name, shared.shards), findings)
  if (tests.failed > 0) {
    const failed = `${tests.failed} of ${counted(tests.total, "test")} failed: ${listed(cases.filter(isFailed).map(({ name }) => name))}`
    const notAgain = outOfTime ? [`not run again: too little was left of the stage's time (\`stages.test.timeoutSeconds\`)`] : []
    return failedGate([failed, ...notAgain, ...flaky].join("; "), findings)
  }
  const unreadable = firstOf(shards, "unreadable")
  if (unreadable !== null) return errorGate(unreadable, findings)
  if (tests.total === 0) return failedGate("no tests collected")
  if (tests.skipped === tests.total) return failedGate(`no test ran: all ${tests.total} are skipped`)
  if (coverage.gaps.length > 0) return failedGate([...coverage.gaps, ...flaky].join("; "), [...findings, ...coverage.findings])
  const unexplained = firstOf(shards, "unexplained")
  if (unexplained !== null) return errorGate(unexplained, findings)
  if (coverage.unknown.length > 0) return errorGate(coverage.unknown.join("; "), findings)
  const skipped = tests.skipped > 0 ? [`${tests.skipped} skipped`] : []
  const passed = [`${counted(tests.total - tests.skipped, "test")} passed`, ...skipped, ...coverage.notes].join(", ")
  return passedGate([passed, ...flaky].join("; "), findings)
}

/** The first shard's complaint of a kind, with its number where there are several. */
function firstOf(shards: readonly ShardTests[], kind: "cutShort" | "unreadable" | "unexplained"): string | null {
  const complaints = shards.flatMap((shard, index) => (shard[kind] === null ? [] : [`${shards.length > 1 ? `shard ${index + 1}: ` : ""}${shard[kind]}`]))
  return complaints[0] ?? null
}

function ignoredShard(name: string, [one, other]: readonly [number, number]): string {
  const use = "put {shard} and {shards} into its arguments, or use SHARD_INDEX and SHARD_COUNT"
  return `shards ${one} and ${other} both ran \`${name}\`: the test command ignores its shard; ${use}`
}

const isFailed = ({ outcome }: JudgedCase): boolean => outcome === "failed"
const isFlaky = ({ outcome }: JudgedCase): boolean => outcome === "flaky"

function failedFinding(each: JudgedCase, place: SourcePlace): Finding {
  return { severity: "high", rule: each.name, message: each.message, file: caseFile(each, place), line: null }
}

function flakyFinding(each: JudgedCase, place: SourcePlace): Finding {
  return { severity: "low", rule: "flaky", message: `${each.name}: ${each.message}`, file: caseFile(each, place), line: null }
}

/** Some reports name the file as it lies in the container, others the class. */
function caseFile({ file }: JudgedCase, place: SourcePlace): string | null {
  return file?.startsWith("/") === true ? (repositoryPath(place, file) ?? file) : file
}
