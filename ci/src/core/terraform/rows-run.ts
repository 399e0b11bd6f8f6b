import type { GateResult, RunHeader, RunRecord, StageResult } from "../run.js"
import { overallVerdict } from "../verdict.js"

/** One row of a call that is no stage of a pipeline. */
export interface CallRow {
  readonly stage: string
  readonly environment: string | null
  readonly gate: GateResult
  readonly durationSeconds: number
  readonly cached: boolean
}

/** run.json of a call with several rows; the worst of them is its verdict. */
export function rowsRun(header: RunHeader, rows: readonly CallRow[], evidence: readonly string[], durationSeconds: number): RunRecord {
  const stages = rows.map(({ stage, environment, gate, durationSeconds, cached }): StageResult => ({ stage, service: null, environment, durationSeconds, cached, evidence, ...gate }))
  const overall = overallVerdict(stages)
  const worst = stages.filter(({ verdict }) => verdict === overall.verdict)
  const [first] = worst
  const skipped = stages.filter(({ verdict }) => verdict === "skipped").length
  const green = `${worst.length} passed${skipped === 0 ? "" : `, ${skipped} skipped`}`
  const red = first === undefined ? "" : `${first.stage}${first.environment === null ? "" : ` (${first.environment})`}: ${first.reason}${worst.length === 1 ? "" : ` (and ${worst.length - 1} more)`}`
  return { schemaVersion: 1, ...header, verdict: overall.verdict, reason: overall.reason || (overall.verdict === "passed" ? green : red), durationSeconds, stages }
}
