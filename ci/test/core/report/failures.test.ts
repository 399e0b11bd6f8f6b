import { describe, expect, it } from "vitest"
import { renderFailures } from "../../../src/core/report/failures.js"
import type { RunRecord, StageResult } from "../../../src/core/run.js"

const stage = (facts: Partial<StageResult>): StageResult => ({
  stage: "deploy", service: null, environment: "local", verdict: "failed", skipKind: null, reason: "pod a: CrashLoopBackOff",
  findings: [], cached: false, durationSeconds: 1, evidence: [], ...facts,
})
const run = (...stages: StageResult[]): RunRecord => ({
  schemaVersion: 1, runId: "r", attempt: 1, commit: "c", dirty: false, release: null, environment: "local",
  startedAt: "2026-01-01T00:00:00Z", verdict: "failed", reason: "", durationSeconds: 1, stages,
})

describe("the account of what went wrong", () => {
  it("is empty when every stage passed or was skipped", () => {
    expect(renderFailures(run(stage({ verdict: "passed" }), stage({ verdict: "skipped", skipKind: "requested" })))).toBe("")
  })

  it("shows the whole reason, and each finding with its place and all its lines", () => {
    const findings = [{ severity: "high" as const, rule: "backend: pod a", message: "not ready\nlast log lines:\n{\"msg\":\"no\"}", file: "x.ts", line: 3 }]
    expect(renderFailures(run(stage({ findings })))).toBe(
      ["deploy (local): failed", "  pod a: CrashLoopBackOff", "  - x.ts:3 backend: pod a: not ready", "  last log lines:", '  {"msg":"no"}'].join("\n"),
    )
  })

  it("names the number of findings that it leaves out", () => {
    const findings = Array.from({ length: 12 }, (_, i) => ({ severity: "low" as const, rule: `r${i}`, message: "m", file: null, line: null }))
    expect(renderFailures(run(stage({ findings })))).toContain("- and 2 more in the report")
  })
})
