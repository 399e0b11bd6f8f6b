import type { GateResult, RunHeader, RunRecord } from "./run.js"
import { overallVerdict } from "./verdict.js"

/** run.json of a call that is one check and no stage of a pipeline, such as `pins`. */
export function singleRun(header: RunHeader, check: string, gate: GateResult, durationSeconds: number): RunRecord {
  const stage = { stage: check, service: null, environment: null, cached: false, durationSeconds, evidence: [], ...gate }
  return { schemaVersion: 1, ...header, verdict: overallVerdict([stage]).verdict, reason: gate.reason, durationSeconds, stages: [stage] }
}
