import { describe, expect, it } from "vitest"
import { judgeTests, type TestsInput } from "../../../src/core/gates/tests.js"
import { execOutcome, fixture } from "../support.js"

const PASSING = '<testsuites><testsuite name="a" tests="2"><testcase name="x"/><testcase name="y"/></testsuite></testsuites>'
const SKIPPED = '<testsuite name="a"><testcase name="x"><skipped/></testcase></testsuite>'
const LCOV = "SF:a.ts\nLF:10\nLH:9\nend_of_record\nSF:b.ts\nLF:10\nLH:6\nend_of_record\n"
const COBERTURA = '<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://x/y.dtd"><coverage lines-valid="200" lines-covered="150"/>'

const judge = (input: Partial<TestsInput> & { readonly exitCode?: number; readonly stdout?: string }) =>
  judgeTests({
    exec: execOutcome("npm test", input.exitCode ?? 0, input.stdout ?? "last words"),
    timeoutSeconds: 60,
    junit: PASSING,
    cobertura: null,
    lcov: null,
    minimumCoveragePercent: null,
    ...input,
  })

describe("test", () => {
  it("passes with its count and coverage", async () => {
    expect(await judge({ lcov: LCOV })).toMatchObject({
      verdict: "passed",
      reason: "2 tests passed, 75.0 % of lines covered",
      tests: { total: 2, failed: 0, skipped: 0 },
      coveragePercent: 75,
    })
  })

  it("names the failed tests of a real pytest report, errors in fixtures among them", async () => {
    const gate = await judge({ exitCode: 1, junit: fixture("pytest-junit.xml") })
    expect(gate).toMatchObject({ verdict: "failed", reason: "2 of 4 tests failed: test_bad; test_err", tests: { total: 4, failed: 2, skipped: 1 } })
    expect(gate.findings[0]).toMatchObject({ rule: "test_bad", message: "AssertionError: one is not two <&>", file: "t_x" })
  })

  it("fails by its report even when the exit code is 0", async () => {
    expect((await judge({ junit: fixture("pytest-junit.xml") })).verdict).toBe("failed")
  })

  it.each<[string, Parameters<typeof judge>[0], string, RegExp]>([
    ["no test was collected", { junit: fixture("pytest-empty.xml"), exitCode: 5 }, "failed", /^no tests collected$/],
    ["no test was collected and the exit code is 0", { junit: fixture("pytest-empty.xml") }, "failed", /^no tests collected$/],
    ["every test was skipped", { junit: SKIPPED }, "failed", /all 1 are skipped/],
    ["there is no report", { junit: null }, "error", /no JUnit report: write one where `tests\.junit`/],
    ["there is no report after a crash", { junit: null, exitCode: 1 }, "error", /no JUnit report; npm test ended with 1: last words/],
    ["the report is cut off", { junit: "<testsuites><testsuite", exitCode: 1 }, "error", /cannot be read/],
    ["the report is empty", { junit: "" }, "error", /cannot be read/],
    ["the report is another XML", { junit: "<html/>" }, "error", /cannot be read/],
    ["the command is red but no test is", { exitCode: 1, stdout: "Coverage failure: total of 80 is less than fail-under=85\n" }, "error", /no test failed, but npm test ended with 1: Coverage failure/],
    ["it hung", { exitCode: 124 }, "error", /did not end within 60 s/],
    ["coverage is too low", { lcov: LCOV, minimumCoveragePercent: 80 }, "failed", /75\.0 %, below the 80 %/],
    ["coverage is wanted and missing", { minimumCoveragePercent: 80 }, "error", /no coverage report/],
  ])("does not pass when %s", async (_, input, verdict, reason) => {
    const gate = await judge(input)
    expect(gate.verdict).toBe(verdict)
    expect(gate.reason).toMatch(reason)
  })

  it("keeps what a run that hung had found", async () => {
    expect((await judge({ exitCode: 124, junit: fixture("pytest-junit.xml") })).findings).toHaveLength(2)
  })

  it("reads Cobertura before lcov", async () => {
    expect((await judge({ cobertura: COBERTURA, lcov: LCOV })).coveragePercent).toBe(75)
    expect((await judge({ cobertura: "<broken", lcov: LCOV })).coveragePercent).toBe(75)
  })

  it("finds cases in nested suites", async () => {
    const nested = '<testsuites><testsuite name="a"><testsuite name="b"><testcase name="x"/></testsuite><testcase name="y"/></testsuite></testsuites>'
    expect((await judge({ junit: nested })).tests.total).toBe(2)
  })
})
