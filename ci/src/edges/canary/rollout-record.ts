import type { RolloutOutcome } from "../../core/canary/rollout-outcome.js"
import { rolloutRecords } from "../../core/canary/rollout-history.js"
import type { HelmRelease } from "../../core/deploy/helm.js"
import { changeDeliveryState } from "../deploy/delivery-state.js"
import { digestOfRevision } from "../deploy/helm-storage.js"
import type { KubeConnection } from "../kube-request.js"

/** Writes into the environment's history what became of a rollout. */
export async function rememberRollout(connection: KubeConnection, release: HelmRelease, outcome: Extract<RolloutOutcome, { readonly kind: "ended" | "at-weight" }>): Promise<void> {
  const now = new Date().toISOString()
  const place = { connection, release }
  const [withTrack, newest] = await Promise.all([digestOfRevision(place, outcome.facts.withTrack), digestOfRevision(place, outcome.revision)])
  await changeDeliveryState(connection, release.namespace, release.name, (state) => ({ ...state, records: rolloutRecords(state.records, outcome, { withTrack, newest }, now) }))
}
