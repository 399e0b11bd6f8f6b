import { UsageError } from "./errors.js"
import type { PlannedStage, StageSkip } from "./plan.js"
import type { SkipKind, Verdict } from "./verdict.js"

/** What the scheduler knows of a stage that has ended. */
export interface EndedStage {
  readonly verdict: Verdict
  readonly skipKind: SkipKind | null
  readonly reason: string
}

export interface SkippedStage {
  readonly planned: PlannedStage
  readonly skip: StageSkip
}

export interface NextStages {
  /** May start now, all at once. */
  readonly ready: readonly PlannedStage[]
  /** Will never run; record them before the next call. */
  readonly skipped: readonly SkippedStage[]
  /** Nothing is left to start and nothing is running. */
  readonly finished: boolean
}

/** What can start, and what can no longer, after the stages that have started and ended so far. */
export function nextStages(
  plan: readonly PlannedStage[],
  ended: ReadonlyMap<string, EndedStage>,
  started: ReadonlySet<string>,
): NextStages {
  const known = new Map(ended)
  const skipped: SkippedStage[] = []
  const ready: PlannedStage[] = []
  // The plan is in order, so one pass carries a skip to everything that depends on it.
  for (const planned of plan) {
    if (known.has(planned.id) || started.has(planned.id)) continue
    const skip = planned.skip ?? upstreamFailure(plan, planned, known)
    if (skip !== null) {
      skipped.push({ planned, skip })
      known.set(planned.id, { verdict: "skipped", skipKind: skip.kind, reason: skip.reason })
    } else if (planned.needs.every((id) => known.has(id))) {
      ready.push(planned)
    }
  }
  return { ready, skipped, finished: plan.every((planned) => known.has(planned.id)) }
}

/** Of those that may start, in their order, as many as the run and each one's own stage leave room for. */
export function admitStages(ready: readonly PlannedStage[], running: readonly PlannedStage[], atOnce: number): readonly PlannedStage[] {
  const admitted: PlannedStage[] = []
  for (const planned of ready) {
    if (running.length + admitted.length >= atOnce) break
    const sameStage = [...running, ...admitted].filter(({ stage }) => stage === planned.stage).length
    if (planned.maxParallel === 0 || sameStage < planned.maxParallel) admitted.push(planned)
  }
  return admitted
}

/** Why a stage can no longer run, once all it waits for has ended; so the reason does not depend on who was first. */
function upstreamFailure(
  plan: readonly PlannedStage[],
  planned: PlannedStage,
  known: ReadonlyMap<string, EndedStage>,
): StageSkip | null {
  if (planned.runsAfterFailure || !planned.needs.every((id) => known.has(id))) return null
  const reasons = plan
    .filter((need) => planned.needs.includes(need.id))
    .flatMap((need) => blockingReasons(planned, need, known.get(need.id)))
  return reasons.length === 0 ? null : { kind: "upstream-failed", reason: [...new Set(reasons)].join(", ") }
}

function blockingReasons(planned: PlannedStage, need: PlannedStage, end: EndedStage | undefined): readonly string[] {
  if (end === undefined || end.verdict === "passed") return []
  // The root cause is named, not the chain that leads to it.
  if (end.skipKind === "upstream-failed") return end.reason.split(", ")
  if (end.verdict !== "skipped") return [`${stageLabel(need)}: ${end.verdict}`]
  return planned.mustPass.includes(need.id) ? [`${stageLabel(need)} is required but was skipped (${end.skipKind})`] : []
}

/** How many stages run at once: as many as asked for, else one for each core. Two at least, for a stage often waits for a network. */
export function stagesAtOnce(asked: number, cores: number): number {
  if (asked < 0) throw new UsageError(`--max-parallel: expected a number of stages, or 0 for one per core, got ${asked}`)
  return asked > 0 ? asked : Math.max(2, cores)
}

/** `test (backend)`, `deploy (staging)` or `push`: how a stage is named to people. */
export function stageLabel(row: {
  readonly stage: string
  readonly service: string | null
  readonly environment: string | null
}): string {
  const about = row.service ?? row.environment
  return about === null ? row.stage : `${row.stage} (${about})`
}
