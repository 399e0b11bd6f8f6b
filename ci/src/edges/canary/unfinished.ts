import { hasEnded } from "../../core/canary/rollout-state.js"
import type { StoredRollout } from "../../core/canary/stored-rollout.js"
import type { HelmRelease } from "../../core/deploy/helm.js"
import { liveTrack, mergedServices } from "../../core/canary/track-values.js"
import { UsageError } from "../../core/errors.js"
import { helmRevisions, valuesOfRevision } from "../deploy/helm-storage.js"
import type { KubeConnection } from "../kube-request.js"
import { ClusterRollout } from "./rollout-store.js"

/** The rollout that an environment is in the middle of; null when there is none. */
export async function unfinishedRollout(connection: KubeConnection, { namespace, name }: HelmRelease): Promise<StoredRollout | null> {
  const stored = await new ClusterRollout(connection, namespace, name, "").read()
  return stored === null || hasEnded(stored.state) ? null : stored
}

/** The plan under which a release is taken up again: what the rollout itself has written since is no move of the cluster. */
export function resumedPlan(stored: StoredRollout | null, release: { readonly commit: string; readonly content: string }): string | null {
  return stored !== null && stored.facts.commit === release.commit && stored.facts.content === release.content ? stored.facts.plan : null
}

/** Rolled out in one write, stable would have the traffic before it has a pod. */
export async function refuseColour(connection: KubeConnection, release: HelmRelease, environment: string): Promise<void> {
  const runs = (await helmRevisions({ connection, release })).findLast(({ status }) => status === "deployed")
  if (runs === undefined) return
  const live = liveTrack(mergedServices([await valuesOfRevision({ connection, release }, runs.revision)]))
  if (live !== "stable") throw new UsageError(`environment ${environment}: ${live} is what runs there, and a roll-out would take its pods away before stable has any. Nothing was written. Deploy once with ./daggerw call canary --environment ${environment}, which ends on stable; then roll out.`)
}

/** What would move pods under a rollout's feet is refused. */
export async function refuseUnfinished(connection: KubeConnection, release: HelmRelease, environment: string): Promise<void> {
  const stored = await unfinishedRollout(connection, release)
  if (stored === null) return
  const { facts, state } = stored
  throw new UsageError(`environment ${environment}: the rollout of ${facts.commit.slice(0, 12)} (run ${facts.runId}) is in phase ${state.phase}, step ${state.step + 1}, and has not ended. Nothing was written. Run the same release again to take it up, or end it: ./daggerw call canary-abort --environment ${environment}`)
}
