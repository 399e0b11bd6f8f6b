import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import type { Command } from "../../core/config/commands.js"
import { captureRevision } from "../../core/deploy/history.js"
import type { PlannedStage } from "../../core/plan.js"
import { readDeliveryState } from "../deploy/delivery-state.js"
import { helmRevisions } from "../deploy/deploy-tools.js"
import { nextNonce, runCommand, uncached } from "../exec.js"
import type { HelmTools } from "../helm-release.js"
import { lookAtRollout, servesNow } from "../rollout.js"
import { environmentOf, limits, type Run } from "../run.js"
import { draftRollout, type RolloutDraft } from "./wanted-rollout.js"

/** What everything goes back to; null before the first healthy revision. */
export async function capturedRevision(run: Run, planned: PlannedStage, { target, release, container }: HelmTools): Promise<number | null> {
  const call = (argv: Command) => runCommand(uncached(container, nextNonce(run.header.runId)), argv, limits(run, planned))
  const [revisions, { records }, live] = await Promise.all([helmRevisions({ call, release }), readDeliveryState(target.connection, release.namespace, release.name), lookAtRollout(target.connection, release)])
  return captureRevision(records, revisions, servesNow(live))
}

/** The rollout that a deployment would be; null where it is rolled out: by strategy, or as the first release of all, which in `local` every one is. */
export async function draftOf(run: Run, planned: PlannedStage, tools: HelmTools, namespaceExists: boolean): Promise<RolloutDraft | null> {
  const { name, strategy } = environmentOf(run, planned)
  if (strategy.kind === "rolling" || name === LOCAL_ENVIRONMENT || !namespaceExists) return null
  const captured = await capturedRevision(run, planned, tools)
  return captured === null ? null : draftRollout(run, planned, tools, strategy, captured)
}
