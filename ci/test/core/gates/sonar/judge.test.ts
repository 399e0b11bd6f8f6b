import { describe, expect, it } from "vitest"
import { judgeSonar, type SonarInput } from "../../../../src/core/gates/sonar/judge.js"

const COVERAGE = { metric: "coverage", op: "LT", error: 80 } as const
const HOTSPOTS = { metric: "security_hotspots_reviewed", op: "LT", error: 100 } as const
const condition = (metricKey: string, status: string, actualValue?: string) => ({ metricKey, status, comparator: metricKey === "coverage" ? "LT" : "GT", errorThreshold: metricKey === "coverage" ? "80" : "1", ...(actualValue === undefined ? {} : { actualValue }) })
const input = (changes: Partial<SonarInput> = {}): SonarInput => ({
  task: { status: "SUCCESS", analysisId: "a" },
  gate: { status: "OK", conditions: [condition("coverage", "OK", "91.2")] },
  measures: { ncloc: "3433", security_hotspots: "0" },
  issues: [],
  expected: [COVERAGE, HOTSPOTS],
  ...changes,
})

describe("the verdict on an analysis", () => {
  it.each<[string, Partial<SonarInput>, string, string]>([
    ["passes with what was judged", {}, "passed", "quality gate passed: coverage 91.2; 3433 lines of code, 0 issues"],
    ["fails with each failing condition", { gate: { status: "ERROR", conditions: [condition("coverage", "ERROR", "41.0"), condition("software_quality_reliability_rating", "ERROR", "3"), condition("x", "OK", "1")] } }, "failed", "quality gate failed: coverage 41.0, at least 80 is required; software_quality_reliability_rating C, at most A is required"],
    ["is an error when the server could not work it in", { task: { status: "FAILED", errorMessage: "Validation failed:\n  o too old" }, gate: null }, "error", "SonarQube did not work the analysis in: task FAILED: Validation failed: o too old"],
    ["is an error when it was cancelled", { task: { status: "CANCELED" }, gate: null }, "error", "SonarQube did not work the analysis in: task CANCELED"],
    ["is an error without a gate", { gate: { status: "NONE", conditions: [] } }, "error", "SonarQube has no quality gate for the project"],
    ["is an error on a word that is not known", { gate: { status: "WARN", conditions: [] } }, "error", "says WARN"],
    ["is an error when no line was analysed", { measures: {} }, "error", "SonarQube found no line of code"],
    ["is no pass when a condition had no data", { gate: { status: "OK", conditions: [] } }, "inconclusive", "the quality gate has no data for coverage"],
    ["asks for no review where there is no hotspot", { expected: [HOTSPOTS], gate: { status: "OK", conditions: [] } }, "passed", "none of its conditions"],
    ["asks for the review of hotspots that are there", { expected: [HOTSPOTS], gate: { status: "OK", conditions: [] }, measures: { ncloc: "1", security_hotspots: "2" } }, "inconclusive", "no data for security_hotspots_reviewed"],
    ["leaves a server of one's own its gate, and says what it judged", { expected: null, gate: { status: "OK", conditions: [] } }, "passed", "quality gate passed: none of its conditions had new code to judge"],
  ])("%s", (_, changes, verdict, reason) => {
    expect(judgeSonar(input(changes))).toMatchObject({ verdict, reason: expect.stringContaining(reason) })
  })

  it("tells issues at their place, the worst first", () => {
    const issues = [
      { rule: "typescript:S3735", severity: "MINOR", component: "shop:apps/api/src/a.ts", line: 3, message: "m", impacts: [{ severity: "LOW" }] },
      { rule: "python:S5754", severity: "CRITICAL", component: "shop", message: "n" },
    ]
    expect(judgeSonar(input({ issues })).findings).toEqual([
      { severity: "high", rule: "sonarqube/python:S5754", message: "n", file: null, line: null },
      { severity: "low", rule: "sonarqube/typescript:S3735", message: "m", file: "apps/api/src/a.ts", line: 3 },
    ])
  })
})
