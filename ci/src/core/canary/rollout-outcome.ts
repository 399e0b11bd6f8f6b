import type { RolloutPlan } from "./rollout-plan.js"
import type { RolloutState } from "./rollout-state.js"
import type { RolloutFacts } from "./stored-rollout.js"

/** What the controller leaves for whoever started it. */
export type RolloutOutcome =
  | { readonly kind: "refused" | "nothing-to-do"; readonly reason: string }
  | {
      /** `at-weight`: everything is ready for the first traffic, which was not asked for. */
      readonly kind: "ended" | "at-weight"
      readonly facts: RolloutFacts
      readonly plan: RolloutPlan
      readonly state: RolloutState
      /** Helm's newest one. */
      readonly revision: number | null
      /** Requests of our own. */
      readonly sent: { readonly requests: number; readonly failed: number }
      readonly seconds: number
    }
