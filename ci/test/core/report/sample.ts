import { assembleRun, skippedResult, stageResult, type Finding, type GateResult, type RunHeader, type RunRecord, type StageResult } from "../../../src/core/run.js"
import { planPipeline } from "../../../src/core/plan.js"
import { nextStages } from "../../../src/core/schedule.js"
import { shop } from "../support.js"

export const HEADER: RunHeader = {
  runId: "run-1",
  attempt: 1,
  commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  dirty: true,
  release: null,
  environment: "local",
  startedAt: "2026-01-02T03:04:05Z",
}

/** Text as a hostile or careless tool would print it. */
export const NASTY = `<script>alert("1")</script> \u001b[31mred\u001b[0m & 'x' | *bold* @team \u0000end`

const FAILED: GateResult = {
  verdict: "failed",
  skipKind: null,
  reason: "2 of 12 tests failed: summarises an empty text; keeps the order",
  findings: [
    { severity: "high", rule: "summarises an empty text", message: "expected '' to be 'nothing'", file: "test/summary.test.ts", line: 12 },
    { severity: "high", rule: "keeps the order", message: NASTY, file: null, line: null },
  ],
}

/** A run in which one service's tests fail and another's audit is unavailable. */
export async function failedRun(): Promise<RunRecord> {
  const plan = planPipeline(await shop())
  const results = new Map<string, StageResult>()
  for (;;) {
    const next = nextStages(plan, results, new Set())
    for (const { planned, skip } of next.skipped) results.set(planned.id, skippedResult(planned, skip))
    for (const planned of next.ready) {
      const unavailable: GateResult = { verdict: "skipped", skipKind: "unavailable", reason: "no advisory service answered", findings: [] }
      const passed: GateResult = { verdict: "passed", skipKind: null, reason: "", findings: [] }
      const gate = planned.id === "test:api" ? FAILED : planned.id === "audit:web" ? unavailable : passed
      results.set(planned.id, stageResult(planned, gate, { durationSeconds: 12.345, cached: planned.stage === "build", evidence: [`logs/${planned.stage}.log`] }))
    }
    if (next.finished) return assembleRun(HEADER, plan, results, 83.21)
  }
}

export async function interruptedRun(): Promise<RunRecord> {
  return assembleRun(HEADER, planPipeline(await shop()), new Map(), 3)
}

const FOUND: readonly Finding[] = [
  { severity: "high", rule: "no-unused-vars", message: "'a' is never used", file: "apps/web/src/a.ts", line: 3 },
  { severity: "high", rule: "no-unused-vars", message: "'a' is never used", file: "apps/web/src/a.ts", line: 9 },
  { severity: "moderate", rule: "prettier", message: "is not formatted", file: "apps/web/src/ä b#?.ts", line: null },
  { severity: "low", rule: "lint", message: NASTY, file: null, line: null },
]
const VULNERABLE: Finding = {
  severity: "critical", rule: "https://github.com/advisories/GHSA-xvch-5gv4-984h", message: "minimist <=1.2.5: Prototype Pollution", file: "apps/web/package-lock.json", line: null,
}

/** A run that looked at files alone: findings, a vulnerability, a linter that could not run, one that found nothing, one that did not run. */
export async function lintedRun(): Promise<RunRecord> {
  const plan = planPipeline(await shop(), { only: ["lint", "audit"] })
  const gates: Readonly<Record<string, GateResult>> = {
    "lint:web": { ...FAILED, reason: "4 findings: apps/web/src/a.ts:3 'a' is never used", findings: FOUND },
    "lint:api": { verdict: "error", skipKind: null, reason: "ruff check . could not run: Cause: Failed to load configuration", findings: [] },
    "lint-files": { verdict: "passed", skipKind: null, reason: "2 Dockerfiles", findings: [] },
    "audit:web": { ...FAILED, reason: "1 vulnerability", findings: [VULNERABLE] },
    "audit:api": { verdict: "skipped", skipKind: "unavailable", reason: "no advisory service answered", findings: [] },
  }
  const results = plan.map((planned): [string, StageResult] => {
    const gate = gates[planned.id]
    return [planned.id, gate === undefined ? skippedResult(planned, planned.skip ?? { kind: "requested", reason: "" }) : stageResult(planned, gate, { durationSeconds: 1.5 })]
  })
  return assembleRun(HEADER, plan, new Map(results), 9.9)
}
