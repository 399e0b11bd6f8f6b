import type { PlannedStage } from "../plan.js"
import type { GateResult, RunHeader, RunRecord } from "../run.js"
import { stageDefinition, type StageName } from "../stage.js"
import { worstVerdict } from "../verdict.js"

/** run.json of a call with one row that is no stage of a pipeline, such as `rollback`. */
export function environmentRun(header: RunHeader, row: { readonly stage: string; readonly environment: string }, gate: GateResult, facts: { readonly durationSeconds: number; readonly evidence: readonly string[] }): RunRecord {
  const { durationSeconds, evidence } = facts
  const stage = { stage: row.stage, service: null, environment: row.environment, cached: false, durationSeconds, evidence, ...gate }
  return { schemaVersion: 1, ...header, verdict: worstVerdict([gate.verdict]), reason: `${row.stage} (${row.environment}): ${gate.reason}`, durationSeconds, stages: [stage] }
}

/** A row outside of any plan, for a call that does a stage's work on an environment. */
export function environmentRow(stage: StageName, environment: string): PlannedStage {
  const { timeoutSeconds, runsAfterFailure } = stageDefinition(stage)
  return { id: `${stage}:${environment}`, stage, service: null, environment, needs: [], mustPass: [], runsAfterFailure, timeoutSeconds, retries: 0, maxParallel: 0, skip: null }
}
