import type { Finding, GateResult } from "../run.js"
import { coveragePercent } from "./coverage.js"
import { judgeSurroundings, lastLine, programName, type ExecOutcome } from "./exec.js"
import { counted, errorGate, failedGate, passedGate } from "./gate.js"
import { parseJunit, type TestCase } from "./junit-cases.js"

/** What a test command left behind; a report is null when the file is not there. */
export interface TestsInput {
  readonly exec: ExecOutcome
  readonly timeoutSeconds: number
  readonly junit: string | null
  readonly cobertura: string | null
  readonly lcov: string | null
  readonly minimumCoveragePercent: number | null
}

export interface TestCounts {
  readonly total: number
  readonly failed: number
  readonly skipped: number
}

export interface TestsGateResult extends GateResult {
  readonly tests: TestCounts
  readonly coveragePercent: number | null
}

/** The gate of `test`: the report is believed before the exit code, and no tests are never a pass. */
export async function judgeTests(input: TestsInput): Promise<TestsGateResult> {
  const cases = input.junit === null ? null : await parseJunit(input.junit)
  const coverage = await coveragePercent(input.cobertura, input.lcov)
  const count = (outcome: TestCase["outcome"]): number => (cases ?? []).filter((each) => each.outcome === outcome).length
  const tests = { total: cases?.length ?? 0, failed: count("failed"), skipped: count("skipped") }
  return { ...judgeCases(input, cases, tests, coverage), tests, coveragePercent: coverage }
}

function judgeCases(
  input: TestsInput,
  cases: readonly TestCase[] | null,
  tests: TestCounts,
  coverage: number | null,
): GateResult {
  const { exec, junit, minimumCoveragePercent } = input
  const findings = (cases ?? []).filter((each) => each.outcome === "failed").map(caseFinding)
  const broken = judgeSurroundings(exec, input.timeoutSeconds)
  // A run that was cut short has not seen every test; what it did see stays in the findings.
  if (broken !== null) return { ...broken, findings }
  if (findings.length > 0) {
    const reason = `${tests.failed} of ${counted(tests.total, "test")} failed: ${findings.map((each) => each.rule).slice(0, 3).join("; ")}`
    return failedGate(`${reason}${findings.length > 3 ? "; …" : ""}`, findings)
  }
  const ended = `${programName(exec)} ended with ${exec.exitCode}: ${lastLine(exec)}`
  if (junit !== null && cases === null) return errorGate(`the JUnit report cannot be read; ${ended}`)
  if (cases === null && exec.exitCode !== 0) return errorGate(`no JUnit report; ${ended}`)
  if (cases === null) return errorGate("no JUnit report: write one where `tests.junit` in delivery.yaml says")
  if (tests.total === 0) return failedGate("no tests collected")
  if (tests.skipped === tests.total) return failedGate(`no test ran: all ${tests.total} are skipped`)
  const gap = coverageGap(coverage, minimumCoveragePercent)
  if (gap !== null) return gap
  // Coverage limits of the tool itself, import errors, crashes at the end: red, yet no test is.
  if (exec.exitCode !== 0) return errorGate(`no test failed, but ${ended}`)
  return passedGate(describePass(tests, coverage))
}

function coverageGap(coverage: number | null, minimum: number | null): GateResult | null {
  if (minimum === null) return null
  if (coverage === null) return errorGate(`no coverage report, but \`tests.minimumCoveragePercent\` is ${minimum}`)
  if (coverage >= minimum) return null
  return failedGate(`line coverage is ${coverage.toFixed(1)} %, below the ${minimum} % of delivery.yaml`)
}

function describePass(tests: TestCounts, coverage: number | null): string {
  const skipped = tests.skipped > 0 ? `, ${tests.skipped} skipped` : ""
  const covered = coverage === null ? "" : `, ${coverage.toFixed(1)} % of lines covered`
  return `${counted(tests.total - tests.skipped, "test")} passed${skipped}${covered}`
}

function caseFinding(each: TestCase): Finding {
  return { severity: "high", rule: each.name, message: each.message, file: each.file, line: null }
}
