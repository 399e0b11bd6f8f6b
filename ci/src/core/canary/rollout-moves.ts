import type { Verdict } from "../verdict.js"
import type { RolloutPlan } from "./rollout-plan.js"
import { isFinishing, stepWeight, type RolloutPhase, type RolloutState } from "./rollout-state.js"

/** More is a jump of the clock, or a controller that was gone: nobody watched, so it does not count as watched. */
const LONGEST_GAP_SECONDS = 60

/** The time since the last event, without jumps forward or back. */
export function withTime(plan: RolloutPlan, state: RolloutState, atSeconds: number): RolloutState {
  const gap = state.atSeconds === null ? 0 : Math.min(Math.max(0, atSeconds - state.atSeconds), Math.max(LONGEST_GAP_SECONDS, 3 * plan.intervalSeconds))
  return { ...state, atSeconds, seconds: state.seconds + gap, phaseSeconds: state.phaseSeconds + gap, stepSeconds: state.stepSeconds + gap }
}

export function toPhase(state: RolloutState, phase: RolloutPhase): RolloutState {
  return { ...state, phase, phaseSeconds: 0 }
}

/** Sets a weight, this one or another: what is counted on from the look before belongs to both. */
export function toWeight(state: RolloutState, phase: RolloutPhase): RolloutState {
  return { ...toPhase(state, phase), mixed: true, observed: { canary: 0, stable: 0 }, seenSeconds: state.seconds, stepSeconds: 0 }
}

export function withDecision(state: RolloutState, by: string, what: string, reason: string): RolloutState {
  const last = state.decisions.at(-1)
  // What is tried again and again is one decision.
  const kept = last?.by === by && last.what === what ? state.decisions.slice(0, -1) : state.decisions
  return { ...state, decisions: [...kept, { seconds: state.seconds, by, what, reason }] }
}

/** The traffic goes first. Where stable is being changed it is put back before, for it must be able to carry again. */
function wayBack(state: RolloutState, by: string): RolloutPhase {
  // Its old pods serve until the new ones do, so who is sent there is answered; that the update itself has failed is another matter.
  if (state.phase === "update-stable" && by !== "controller") return "withdraw"
  if (isFinishing(state)) return "restore-stable"
  return state.step === 0 && ["scale", "ready", "smoke"].includes(state.phase) ? "scale-down" : "withdraw"
}

/** `told`: what of the reason may leave the run, where it is not the whole. */
export function toAbort(state: RolloutState, verdict: Verdict, by: string, reason: string, told = reason): RolloutState {
  const phase = wayBack(state, by)
  return { ...withDecision(toWeight(state, phase), by, "abort", reason), ending: { verdict, told, reason }, synthetic: false, held: null, paused: null }
}

/** The step after this one, or the end of the way up. */
export function toNextStep(plan: RolloutPlan, state: RolloutState, reason: string): RolloutState {
  const decided = withDecision({ ...state, held: null, synthetic: false }, "judge", state.step + 1 < plan.steps.length ? `enough at ${stepWeight(plan, state)} %` : "promote", reason)
  if (state.step + 1 < plan.steps.length) {
    const { carriedPercent: _, ...rest } = toPhase(decided, "scale")
    return { ...rest, step: state.step + 1 }
  }
  return toPromotion(decided, reason)
}

export function toPromotion(state: RolloutState, reason: string): RolloutState {
  const ending = { verdict: "passed" as const, told: reason, reason }
  return { ...toPhase(state, state.kind === "canary" ? "update-stable" : "keep"), ending, held: null, paused: null, synthetic: false }
}
