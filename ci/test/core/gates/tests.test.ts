import { describe, expect, it } from "vitest"
import { closedPort, startProblem } from "../../../src/core/gates/test-services.js"
import { judgeTests, type TestsInput } from "../../../src/core/gates/tests.js"
import type { TestRun } from "../../../src/core/gates/test-runs.js"
import { execOutcome, fixture } from "../support.js"

const PASSING = '<testsuites><testsuite name="a" tests="2"><testcase name="x"/><testcase name="y"/></testsuite></testsuites>'
const SKIPPED = '<testsuite name="a"><testcase name="x"><skipped/></testcase></testsuite>'
const LCOV = "SF:a.ts\nLF:10\nLH:9\nend_of_record\nSF:b.ts\nLF:10\nLH:6\nend_of_record\n"
const COBERTURA = '<?xml version="1.0"?><!DOCTYPE coverage SYSTEM "http://x/y.dtd"><coverage lines-valid="200" lines-covered="150"/>'

type Changed = Partial<TestRun> & { readonly exitCode?: number; readonly stdout?: string }

const ran = ({ exitCode = 0, stdout = "last words", ...reports }: Changed = {}): TestRun => ({ exec: execOutcome("npm test", exitCode, stdout), junit: PASSING, cobertura: null, lcov: null, ...reports })

const judgeShards = (shards: readonly (readonly Changed[])[], input: Partial<TestsInput> = {}) =>
  judgeTests({
    shards: shards.map((tries) => tries.map(ran)),
    timeoutSeconds: 60,
    limits: { minimumCoveragePercent: null, minimumChangedCoveragePercent: null },
    changes: null,
    place: { folder: "/work", path: "apps/api" },
    ...input,
  })

const judge = ({ minimumCoveragePercent = null, ...run }: Changed & { readonly minimumCoveragePercent?: number | null }) =>
  judgeShards([[run]], { limits: { minimumCoveragePercent, minimumChangedCoveragePercent: null } })

describe("test", () => {
  it("passes with its count and coverage", async () => {
    expect(await judge({ lcov: LCOV })).toMatchObject({
      verdict: "passed",
      reason: "2 tests passed, 75.0 % of lines covered",
      tests: { total: 2, failed: 0, skipped: 0, flaky: 0 },
      coveragePercent: 75,
    })
  })

  it("names the failed tests of a real pytest report, errors in fixtures among them", async () => {
    const gate = await judge({ exitCode: 1, junit: fixture("pytest-junit.xml") })
    expect(gate).toMatchObject({ verdict: "failed", reason: "2 of 4 tests failed: test_bad; test_err", tests: { total: 4, failed: 2, skipped: 1, flaky: 0 } })
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

const report = (...cases: readonly string[]): string =>
  `<testsuite name="s">${cases.map((each) => (each.startsWith("!") ? `<testcase name="${each.slice(1)}" classname="t"><failure message="red"/></testcase>` : `<testcase name="${each}" classname="t"/>`)).join("")}</testsuite>`

describe("tests that are run again", () => {
  it("pass as flaky when red becomes green, and say so", async () => {
    const gate = await judgeShards([[{ exitCode: 1, junit: report("!a", "b", "!c") }, { junit: report("a", "b", "c") }]])
    expect(gate).toMatchObject({ verdict: "passed", reason: "3 tests passed; 2 flaky tests: a; c", tests: { total: 3, failed: 0, flaky: 2 } })
    expect(gate.findings).toEqual([
      { severity: "low", rule: "flaky", message: "a: red", file: "t", line: null },
      { severity: "low", rule: "flaky", message: "c: red", file: "t", line: null },
    ])
  })

  it("fail when one is red in every try, and still name the flaky ones", async () => {
    const gate = await judgeShards([[{ exitCode: 1, junit: report("!a", "!b") }, { exitCode: 1, junit: report("a", "!b") }]])
    expect(gate).toMatchObject({ verdict: "failed", reason: "1 of 2 tests failed: b; 1 flaky test: a" })
    expect(gate.findings.map(({ rule }) => rule)).toEqual(["b", "flaky"])
  })

  it("say so when there was no time for it", async () => {
    const red = [[{ exitCode: 1, junit: report("!a", "b") }]]
    expect((await judgeShards(red, { outOfTime: true })).reason).toBe("1 of 2 tests failed: a; not run again: too little was left of the stage's time (`stages.test.timeoutSeconds`)")
    expect((await judgeShards(red)).reason).toBe("1 of 2 tests failed: a")
  })

  it("are flaky too when what was green becomes red, and failed when a red one is gone", async () => {
    expect(await judgeShards([[{ exitCode: 1, junit: report("!a", "b") }, { exitCode: 1, junit: report("a", "!b") }]])).toMatchObject({ verdict: "passed", tests: { flaky: 2 } })
    expect(await judgeShards([[{ exitCode: 1, junit: report("!a", "b") }, { junit: report("b") }]])).toMatchObject({ verdict: "failed", reason: "1 of 2 tests failed: a" })
  })

  it("are an error when a try breaks", async () => {
    expect(await judgeShards([[{ exitCode: 1, junit: report("!a") }, { exitCode: 137, junit: null }]])).toMatchObject({ verdict: "error", reason: expect.stringContaining("killed (137)") })
    expect(await judgeShards([[{ exitCode: 1, junit: report("!a") }, { exitCode: 1, junit: report("a") }]])).toMatchObject({ verdict: "error", reason: expect.stringMatching(/no test failed, but npm test ended with 1/) })
  })

  it("tell cases of one name apart by their order", async () => {
    const gate = await judgeShards([[{ exitCode: 1, junit: report("a", "!a") }, { junit: report("a", "a") }]])
    expect(gate.tests).toEqual({ total: 2, failed: 0, skipped: 0, flaky: 1 })
  })
})

describe("tests in shards", () => {
  const LINES = (hits: string): string => `SF:src/a.ts\n${hits.split("").map((hit, index) => `DA:${index + 1},${hit}\n`).join("")}end_of_record\n`

  it("are counted together, and a line is covered that any of them runs", async () => {
    const gate = await judgeShards([[{ junit: report("a"), lcov: LINES("1100") }], [{ junit: report("b", "c"), lcov: LINES("0110") }]])
    expect(gate).toMatchObject({ verdict: "passed", reason: "3 tests passed, 75.0 % of lines covered", coveragePercent: 75 })
  })

  it("may be empty as long as others are not", async () => {
    const empty = { junit: fixture("pytest-empty.xml"), exitCode: 5 }
    expect(await judgeShards([[{ junit: report("a") }], [empty], [{ junit: "<testsuites/>" }]])).toMatchObject({ verdict: "passed", reason: "1 test passed" })
    expect(await judgeShards([[empty], [empty]])).toMatchObject({ verdict: "failed", reason: "no tests collected" })
    expect(await judgeShards([[{ junit: report("a") }], [{ ...empty, exitCode: 1 }]])).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^shard 2: no tests collected, and npm test ended with 1/) })
  })

  it("are an error when the command ignores its shard", async () => {
    expect(await judgeShards([[{ junit: report("a", "b") }], [{ junit: report("a", "b") }]])).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^shards 1 and 2 both ran `a`: the test command ignores its shard; put \{shard\}/) })
  })

  it("may use a title twice, unless the report says that it is the same file", async () => {
    const inFile = (name: string) => report(name).replace('classname="t"', 'classname="tests.test_x"')
    expect((await judgeShards([[{ junit: report("works", "a") }], [{ junit: report("works", "b") }]])).verdict).toBe("passed")
    expect((await judgeShards([[{ junit: report("works", "a") }], [{ junit: report("works") }]])).verdict).toBe("error")
    const shared = [[{ junit: inFile("works") }], [{ junit: `<testsuites>${inFile("works")}${report("b")}</testsuites>` }]]
    expect(await judgeShards(shared)).toMatchObject({ verdict: "error", reason: expect.stringContaining("both ran `works`") })
  })

  it("name the one that broke", async () => {
    expect(await judgeShards([[{ junit: report("a") }], [{ junit: null, exitCode: 1 }]])).toMatchObject({ verdict: "error", reason: "shard 2: no JUnit report; npm test ended with 1: last words" })
    expect(await judgeShards([[{ junit: report("a") }], [{ junit: report("b"), exitCode: 124 }]])).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^shard 2: npm test did not end within 60 s/) })
  })
})

describe("coverage of changed lines", () => {
  const lcov = "SF:src/a.ts\nDA:1,1\nDA:2,0\nDA:3,0\nDA:5,4\nend_of_record\n"
  const limits = { minimumCoveragePercent: null, minimumChangedCoveragePercent: 80 }
  const changed = (path: string, ...lines: readonly (readonly [number, number])[]) => ({ path: `apps/api/${path}`, lines: lines.map(([first, last]) => ({ first, last })) })

  it.each<[string, TestsInput["changes"], string, RegExp]>([
    ["is not judged without --since", null, "passed", /changed lines not judged without --since/],
    ["is no question when nothing changed", [], "passed", /no changed line$/],
    ["fails below its limit", [changed("src/a.ts", [1, 4])], "failed", /^33\.3 % of 3 changed lines covered, below the 80 % of delivery\.yaml$/],
    ["passes above its limit, whatever the whole is", [changed("src/a.ts", [4, 5])], "passed", /^2 tests passed, 50\.0 % of lines covered, 100\.0 % of 1 changed line covered$/],
    ["counts no line that cannot be covered", [changed("src/a.ts", [4, 4], [6, 99])], "passed", /no changed line can be covered$/],
    ["tells sources that no report mentions, but no tests and no docs", [changed("src/a.ts", [5, 5]), changed("src/b.ts", [1, 9]), changed("src/b.test.ts", [1, 9]), changed("README.md", [1, 9])], "passed", /1 changed file in no coverage report: apps\/api\/src\/b\.ts$/],
  ])("%s", async (_, changes, verdict, reason) => {
    const gate = await judgeShards([[{ lcov }]], { changes, limits })
    expect(gate.reason).toMatch(reason)
    expect(gate.verdict).toBe(verdict)
  })

  it("points at the lines", async () => {
    const { findings } = await judgeShards([[{ lcov }]], { changes: [changed("src/a.ts", [1, 3])], limits })
    expect(findings).toEqual([{ severity: "moderate", rule: "uncovered-lines", message: "changed and run by no test: lines 2-3", file: "apps/api/src/a.ts", line: 2 }])
  })

  it("is an error without a report that lists lines", async () => {
    expect(await judgeShards([[{ lcov: LCOV }]], { changes: [changed("a.ts", [1, 1])], limits })).toMatchObject({ verdict: "error", reason: expect.stringMatching(/no coverage report that lists lines/) })
  })
})

describe("a service beside the tests that does not start", () => {
  const services = { cache: { image: "redis", port: 6379, startSeconds: 60, env: {}, command: null } }

  it("is named", () => {
    expect(startProblem("start vtnc6agh6q8bs (aliased as cache): exit code: 1 [traceparent:4487-be14]", services)).toBe("tests.services.cache (redis) did not come to open port 6379: exit code: 1; its log stands above")
  })

  it.each(["start x (aliased as other): exit code: 1", "exit code: 1"])("is not made of another error: %s", (message) => {
    expect(startProblem(message, services)).toBeNull()
  })

  it("tells of one whose port stays closed", () => {
    expect(closedPort("cache", services.cache)).toMatch(/^tests\.services\.cache \(redis\) did not open port 6379 within 60 s; its log stands above\./)
  })
})
