import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import { captureRevision } from "../../core/deploy/history.js"
import type { PlannedStage } from "../../core/plan.js"
import { readDeliveryState } from "../deploy/delivery-state.js"
import { helmRevisions } from "../deploy/helm-storage.js"
import type { HelmTools } from "../helm-release.js"
import { lookAtRollout, servesNow } from "../rollout.js"
import { environmentOf, type Run } from "../run.js"
import { draftRollout, type RolloutDraft } from "./wanted-rollout.js"

/** What everything goes back to; null before the first healthy revision. */
export async function capturedRevision({ target, release }: HelmTools): Promise<number | null> {
  const { connection } = target
  const [revisions, { records }, live] = await Promise.all([helmRevisions({ connection, release }), readDeliveryState(connection, release.namespace, release.name), lookAtRollout(connection, release)])
  return captureRevision(records, revisions, servesNow(live))
}

/** The rollout that a deployment would be; null where it is rolled out: by strategy, or as the first release of all, which in `local` every one is. */
export async function draftOf(run: Run, planned: PlannedStage, tools: HelmTools, namespaceExists: boolean): Promise<RolloutDraft | null> {
  const { name, strategy } = environmentOf(run, planned)
  if (strategy.kind === "rolling" || name === LOCAL_ENVIRONMENT || !namespaceExists) return null
  const captured = await capturedRevision(tools)
  return captured === null ? null : draftRollout(run, planned, tools, strategy, captured)
}
