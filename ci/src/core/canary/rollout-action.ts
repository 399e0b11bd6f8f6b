import type { Verdict } from "../verdict.js"
import type { RolloutPlan } from "./rollout-plan.js"
import { weightNow, type RolloutState } from "./rollout-state.js"

/** What is to be done now. Each can be done twice with the effect of once, so a killed controller begins with it again. */
export type RolloutAction =
  /** Enough pods of the new release for this share of the traffic. */
  | { readonly kind: "scale-canary"; readonly weightPercent: number }
  | { readonly kind: "await-ready" }
  /** Ask the new pods through their own route. */
  | { readonly kind: "smoke" }
  | { readonly kind: "set-weight"; readonly weightPercent: number }
  /** Wait so long, read the counters; with requests of our own where the traffic is too little. */
  | { readonly kind: "sample"; readonly afterSeconds: number; readonly synthesize: boolean }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "update-stable" }
  | { readonly kind: "restore-stable" }
  /** The canary, or the old colour: whatever has no traffic any more. */
  | { readonly kind: "remove-idle" }
  | { readonly kind: "prove-stable" }
  | { readonly kind: "finished"; readonly verdict: Verdict; readonly reason: string }

/** A longer wait would look like a jump of the clock. */
const KEEP_LOOK_SECONDS = 10

/** The action of a state; it needs nothing but the state, so it can be asked for at any time. */
export function rolloutAction(plan: RolloutPlan, state: RolloutState): RolloutAction {
  const weightPercent = plan.steps[state.step]?.weightPercent ?? 0
  // The first look after a change only says where to count from; the way back is looked at every second.
  const afterSeconds = state.baseline === null || state.mixed === true || state.phase === "observe-return" || state.phase === "observe-withdrawal" ? 1 : plan.intervalSeconds
  switch (state.phase) {
    case "scale":
      return { kind: "scale-canary", weightPercent }
    case "ready":
      return { kind: "await-ready" }
    case "smoke":
      return { kind: "smoke" }
    case "weight":
      // Paused: what is there stays, and is watched; more traffic waits.
      if (state.paused !== null) return weightNow(state) > 0 ? { kind: "sample", afterSeconds: plan.intervalSeconds, synthesize: false } : { kind: "wait", seconds: plan.intervalSeconds }
      return { kind: "set-weight", weightPercent }
    case "observe":
    case "measure":
    case "observe-return":
    case "observe-withdrawal":
      return { kind: "sample", afterSeconds, synthesize: state.synthetic }
    case "update-stable":
      return { kind: "update-stable" }
    case "restore-stable":
      return { kind: "restore-stable" }
    case "return-weight":
    case "withdraw":
      return { kind: "set-weight", weightPercent: 0 }
    case "keep":
      return { kind: "wait", seconds: Math.min(KEEP_LOOK_SECONDS, Math.max(1, plan.keepSeconds - state.phaseSeconds)) }
    case "drain":
      return { kind: "wait", seconds: Math.max(1, plan.drainSeconds - state.phaseSeconds) }
    case "remove":
    case "scale-down":
      return { kind: "remove-idle" }
    case "prove-stable":
      return { kind: "prove-stable" }
    case "promoted":
    case "aborted":
    case "stranded":
      return { kind: "finished", verdict: state.ending?.verdict ?? "error", reason: state.ending?.reason ?? "" }
  }
}
