import { hasEnded, startRollout, unstranded } from "../../src/core/canary/rollout-state.js"
import type { RolloutPlan } from "../../src/core/canary/rollout-plan.js"
import type { RolloutFacts, StoredRollout } from "../../src/core/canary/stored-rollout.js"
import type { ClusterRollout } from "../../src/edges/canary/rollout-store.js"

export type BegunRollout = { readonly kind: "started" | "taken-up"; readonly stored: StoredRollout } | { readonly kind: "nothing-to-do" | "refused"; readonly reason: string }

/** Begins the wanted rollout, or takes up the one that the cluster holds: with the plan and the facts that it was begun with. */
export async function beginRollout(store: ClusterRollout, wanted: { readonly facts: RolloutFacts; readonly plan: RolloutPlan } | null): Promise<BegunRollout> {
  const existing = await store.read()
  if (wanted === null) {
    if (existing === null) return { kind: "nothing-to-do", reason: "no rollout is known here" }
    const state = unstranded(existing.state)
    const { phase } = state
    if (hasEnded(state)) return { kind: "nothing-to-do", reason: `the rollout of ${existing.facts.commit} has ended: ${phase}` }
    await store.takeUp()
    return { kind: "taken-up", stored: { ...existing, state, leader: store.leader } }
  }
  const { facts, plan } = wanted
  // What was promoted once may be wanted again, after something else was deployed: whether it runs now, the caller knows.
  const start = startRollout(plan, existing?.state.phase === "promoted" ? null : (existing?.state ?? null))
  if (start.kind === "refused") return start
  if (start.kind === "taken-up" && existing !== null) {
    await store.takeUp()
    return { kind: "taken-up", stored: { ...existing, state: start.state, leader: store.leader } }
  }
  if (start.kind === "nothing-to-do") return { kind: "nothing-to-do", reason: `${facts.commit} was promoted before` }
  await store.begin(facts, plan, start.state)
  return { kind: "started", stored: { facts, plan, state: start.state, commands: [], leader: store.leader } }
}
