import type { RolloutOutcome } from "../../core/canary/rollout-outcome.js"
import { rolloutRecords } from "../../core/canary/rollout-history.js"
import type { HelmRelease } from "../../core/deploy/helm.js"
import { changeDeliveryState } from "../deploy/delivery-state.js"
import type { KubeConnection } from "../kube-request.js"

/** Writes into the environment's history what became of a rollout. */
export async function rememberRollout(connection: KubeConnection, { namespace, name }: HelmRelease, outcome: Extract<RolloutOutcome, { readonly kind: "ended" | "at-weight" }>): Promise<void> {
  const now = new Date().toISOString()
  await changeDeliveryState(connection, namespace, name, (state) => ({ ...state, records: rolloutRecords(state.records, outcome, now) }))
}
