import { judgeSurroundings, lastLine, programName, type ExecOutcome } from "./exec.js"
import { parseJunit, type TestCase } from "./junit-cases.js"
import { mergeTries, type JudgedCase } from "./test-cases.js"

/** What one run of a test command left behind; a report is null when the file is not there. */
export interface TestRun {
  readonly exec: ExecOutcome
  readonly junit: string | null
  readonly cobertura: string | null
  readonly lcov: string | null
}

/** What the tries of one shard say together. */
export interface ShardTests {
  readonly cases: readonly JudgedCase[]
  /** Why a try did not run to its end: then what it saw is not all there is. */
  readonly cutShort: string | null
  /** Why the reports cannot be believed. */
  readonly unreadable: string | null
  /** What the command complained of besides red tests. */
  readonly unexplained: string | null
}

/** Pytest's own word for "no tests collected"; every other tool ends with 0 then, or cannot be told from a broken one. */
const NONE_COLLECTED_EXIT_CODE = 5

export async function readTests(tries: readonly TestRun[], timeoutSeconds: number): Promise<ShardTests> {
  const read = await Promise.all(tries.map(async (run) => ({ run, cases: run.junit === null ? null : await parseJunit(run.junit) })))
  const first = (reason: (one: (typeof read)[number]) => string | null): string | null => read.map(reason).find((each) => each !== null) ?? null
  return {
    cases: mergeTries(read.map(({ cases }) => cases ?? [])),
    cutShort: first(({ run }) => judgeSurroundings(run.exec, timeoutSeconds)?.reason ?? null),
    unreadable: first(({ run, cases }) => (cases === null ? noReport(run) : null)),
    unexplained: first(({ run, cases }) => unexplainedEnd(run.exec, cases ?? [])),
  }
}

/** Whether the same command should run again to tell a flaky case from a failed one. */
export async function isRed(tries: readonly TestRun[], timeoutSeconds: number): Promise<boolean> {
  const { cases, cutShort } = await readTests(tries, timeoutSeconds)
  return cutShort === null && cases.some(({ outcome }) => outcome === "failed")
}

function noReport({ exec, junit }: TestRun): string {
  if (junit !== null) return `the JUnit report cannot be read; ${ending(exec)}`
  return exec.exitCode === 0 ? "no JUnit report: write one where `tests.junit` in delivery.yaml says" : `no JUnit report; ${ending(exec)}`
}

/** Coverage limits of the tool itself, import errors, crashes at the end: red, yet no test is. */
function unexplainedEnd(exec: ExecOutcome, cases: readonly TestCase[]): string | null {
  if (exec.exitCode === 0 || cases.some(({ outcome }) => outcome === "failed")) return null
  if (cases.length === 0) return exec.exitCode === NONE_COLLECTED_EXIT_CODE ? null : `no tests collected, and ${ending(exec)}`
  return `no test failed, but ${ending(exec)}`
}

function ending(exec: ExecOutcome): string {
  return `${programName(exec)} ended with ${exec.exitCode}: ${lastLine(exec)}`
}
