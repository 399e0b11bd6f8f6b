import { judgeCanary } from "./judge.js"
import { withStep } from "./judge-state.js"
import type { PersonCommand, RolloutEvent } from "./rollout-events.js"
import { rolloutAction } from "./rollout-action.js"
import { afterReturn, onBlind, onPassing, onSnapshot } from "./rollout-measure.js"
import { toAbort, toPhase, toPromotion, toWeight, withDecision, withTime } from "./rollout-moves.js"
import type { RolloutPlan } from "./rollout-plan.js"
import { hasEnded, isFinishing, isLeaving, stepWeight, weightNow, type RolloutPhase, type RolloutState } from "./rollout-state.js"

type Impossible = Extract<RolloutEvent, { readonly kind: "impossible" }>

/** How long a step of the way back is tried. */
const WAY_BACK_SECONDS = 300

/** Where a phase leads when what it asked for is done; phases that end by counters or by time are not here. */
const AFTER: Readonly<Partial<Record<RolloutPhase, RolloutPhase>>> = {
  scale: "ready",
  smoke: "weight",
  weight: "observe",
  "update-stable": "return-weight",
  "return-weight": "observe-return",
  remove: "promoted",
  "restore-stable": "withdraw",
  withdraw: "observe-withdrawal",
  "scale-down": "prove-stable",
  "prove-stable": "aborted",
}

/** The whole of a rollout: what was, what happened, what is now. Told the same thing twice, it does it once. */
export function advanceRollout(plan: RolloutPlan, before: RolloutState, event: RolloutEvent): RolloutState {
  if (hasEnded(before)) return before
  const state = withTime(plan, before, event.atSeconds)
  switch (event.kind) {
    case "done":
      return event.phase === state.phase ? onDone(plan, withCarriedWeight(state, event.weightPercent)) : state
    case "impossible":
      return event.phase === state.phase ? onImpossible(state, event) : state
    case "snapshot":
      if (isPassing(state)) return inTime(plan, state, (timed) => onPassing(plan, timed, event))
      return isCounting(state) ? onSnapshot(plan, state, event) : onTime(plan, state)
    case "blind":
      return isCounting(state) || isPassing(state) ? inTime(plan, state, (timed) => onBlind(plan, timed, event.reason)) : onTime(plan, state)
    case "waiting":
      return onTime(plan, state)
    case "taken-up":
      return onTakenUp(event.withdrawn ? withoutTraffic(state) : state)
    case "out-of-time":
      return onOutOfTime(plan, state, event.limitSeconds)
    case "person":
      return onPerson(state, event.command, event.by, event.reason)
  }
}

function isCounting({ phase }: RolloutState): boolean {
  return phase === "observe" || phase === "measure" || phase === "observe-withdrawal" || phase === "observe-return"
}

/** Pods come up or stable is made new while the canary has its traffic: users meet it all the same. */
function isPassing(state: RolloutState): boolean {
  return ["scale", "ready", "smoke", "weight", "update-stable"].includes(state.phase) && weightNow(state) > 0
}

function onDone(plan: RolloutPlan, before: RolloutState): RolloutState {
  const state = withJudgedStep(withWeight(plan, before))
  // The canary is asked by us before anybody else is sent to it: once, at weight 0.
  if (state.phase === "ready") return toPhase(state, state.step === 0 ? "smoke" : "weight")
  const next = AFTER[state.phase]
  if (next === undefined) return state
  const moved = ["weight", "return-weight", "withdraw"].includes(state.phase) ? toWeight(state, next) : toPhase(state, next)
  return next === "promoted" || next === "aborted" ? withDecision(moved, "controller", next, state.ending?.reason ?? "") : moved
}

/** A step is judged by itself from when its weight is set. */
function withJudgedStep(state: RolloutState): RolloutState {
  return state.phase === "weight" && state.judge.steps.length <= state.step ? { ...state, judge: withStep(state.judge) } : state
}

/** What pods carry of a step's weight is what it is called by from here on. */
function withCarriedWeight(state: RolloutState, weightPercent: number | undefined): RolloutState {
  return weightPercent === undefined || isLeaving(state) || isFinishing(state) ? state : { ...state, carriedPercent: weightPercent }
}

/** Notes the weight that was set. */
function withWeight(plan: RolloutPlan, state: RolloutState): RolloutState {
  const action = rolloutAction(plan, state)
  if (action.kind !== "set-weight") return state
  const weightPercent = state.phase === "weight" ? stepWeight(plan, state) : action.weightPercent
  return withWeightNoted(state, weightPercent)
}

/** What was set again is one. */
function withWeightNoted(state: RolloutState, weightPercent: number): RolloutState {
  if (state.weights.at(-1)?.weightPercent === weightPercent) return state
  return { ...state, weights: [...state.weights, { seconds: state.seconds, weightPercent }] }
}

function onImpossible(state: RolloutState, { fault, told, reason }: Pick<Impossible, "fault" | "told" | "reason">): RolloutState {
  // A cluster that is not well for a moment is asked again.
  if (isLeaving(state) && fault === "surroundings" && state.phaseSeconds < WAY_BACK_SECONDS) return withDecision(state, "controller", `${state.phase} again`, reason)
  // Stable cannot carry: the traffic stays where it is answered.
  if (state.phase === "restore-stable") return stranded(state, weightNow(state) > 0 ? "the canary carries the traffic, for stable is not healthy" : "the traffic is on stable, which is not healthy", reason)
  if (state.phase === "prove-stable") return stranded(state, "the traffic is back on stable, which is not healthy", reason)
  if (isLeaving(state)) return stranded(state, `${state.phase} cannot be done`, reason)
  // No way leads from here but on. What it has become is what runs, so nobody is kept from the next release for long.
  if (state.phase === "remove") return state.phaseSeconds < WAY_BACK_SECONDS ? withDecision(state, "controller", `${state.phase} again`, reason) : stranded(state, `${state.kind === "canary" ? "stable is" : "what has the traffic is"} the new release; what has no traffic cannot be taken away`, reason)
  return toAbort(state, fault === "release" ? "failed" : "error", "controller", `${state.phase}: ${reason}`, `${state.phase}: ${told}`)
}

function stranded(state: RolloutState, told: string, detail: string): RolloutState {
  const reason = `${told}: ${detail}`
  const after = (first: string | undefined, words: string): string => (first === undefined ? words : `${first}; ${words}`)
  return { ...withDecision(toPhase(state, "stranded"), "controller", "stranded", reason), stuckIn: state.phase, ending: { verdict: "error", told: after(state.ending?.told, told), reason: after(state.ending?.reason, reason) } }
}

/** Unless time alone has ended the phase. */
function inTime(plan: RolloutPlan, state: RolloutState, then: (state: RolloutState) => RolloutState): RolloutState {
  const timed = isCounting(state) ? state : onTime(plan, state)
  return timed.phase === state.phase ? then(timed) : timed
}

/** What time alone decides. */
function onTime(plan: RolloutPlan, state: RolloutState): RolloutState {
  const { phase, phaseSeconds } = state
  if (phase === "ready" && phaseSeconds >= plan.readySeconds) return toAbort(state, "failed", "controller", `not ready within ${plan.readySeconds} s`)
  if (phase === "drain" && phaseSeconds >= plan.drainSeconds) return toPhase(state, "scale-down")
  if (phase === "keep" && state.paused === null && phaseSeconds >= plan.keepSeconds) return toPhase(state, "remove")
  if ((phase === "observe-withdrawal" || phase === "observe-return") && phaseSeconds >= plan.observeSeconds) return afterReturn(state)
  return phase === "observe" || phase === "measure" ? onBlind(plan, state, "nobody has read them") : state
}

/** Nobody's fault but too little evidence, where that is what it waits for; else something did not come to its end. */
function onOutOfTime(plan: RolloutPlan, state: RolloutState, limitSeconds: number): RolloutState {
  const words = `not at its end after ${limitSeconds} s, the stage's time`
  // It was found good: the old colour goes earlier than it was to.
  if (state.phase === "keep") return toPhase(withDecision(state, "controller", "kept for less", `${Math.round(state.phaseSeconds)} s of ${plan.keepSeconds}: ${words}`), "remove")
  const waits = state.phase === "observe" || state.phase === "measure" || state.paused !== null
  if (!waits) return onImpossible(state, { fault: "surroundings", told: words, reason: words })
  const why = state.paused !== null ? `paused by ${state.paused.by}` : (state.held ?? judgeCanary(plan.judge, state.judge).reason)
  return toAbort(state, "inconclusive", "controller", `${words}: ${why}`)
}

/** The weight is set and observed again, the evidence kept; of what was answered meanwhile only what the canary itself has counted is its own. */
function onTakenUp(before: RolloutState): RolloutState {
  const state = { ...before, mixed: true, unwatched: true, seenSeconds: before.seconds }
  if (state.phase === "observe" || state.phase === "measure") return toWeight(state, "weight")
  if (state.phase === "observe-return") return toWeight(state, "return-weight")
  return state.phase === "observe-withdrawal" ? toWeight(state, "withdraw") : state
}

/** The cluster has taken the traffic away by itself. */
function withoutTraffic(state: RolloutState): RolloutState {
  return weightNow(state) === 0 ? state : withWeightNoted(withDecision(state, "dead man's switch", "weight 0", "the deadline had passed"), 0)
}

const ALL_OF_THE_TRAFFIC = "the new release has all of the traffic: roll back instead"

/** Why a person may not do that now; null when they may. */
export function refusedCommand(state: RolloutState, command: PersonCommand, reason: string): string | null {
  if (state.phase === "stranded" && command === "abort") return state.stuckIn === "remove" ? ALL_OF_THE_TRAFFIC : null
  if (hasEnded(state)) return `the rollout of ${state.release} has ended: ${state.phase}`
  if (isLeaving(state)) return command === "abort" ? null : `the rollout is being aborted (${state.ending?.reason ?? ""}); its traffic is not given back: deploy again`
  if (state.phase === "remove") return ALL_OF_THE_TRAFFIC
  if (command === "promote" && reason.trim() === "") return "expected a reason for going past the judge, got none: it is recorded with the release"
  if (command === "promote" && (isFinishing(state) || state.phase === "keep")) return "it is being promoted already"
  if (command === "promote" && ["scale", "ready", "smoke"].includes(state.phase) && state.step === 0) return "the new pods have not been proven ready yet"
  if (command === "pause" && isFinishing(state)) return "the judge has spoken, and stable is being made new: abort is what stops it now"
  if (command === "resume" && state.paused === null && state.held === null) return "it is not paused"
  return null
}

function onPerson(state: RolloutState, command: PersonCommand, by: string, reason: string): RolloutState {
  const refusal = refusedCommand(state, command, reason)
  if (refusal !== null) return withDecision(state, by, `${command} refused`, refusal)
  switch (command) {
    case "abort":
      return isLeaving(state) ? state : toAbort(state, "failed", by, `aborted by ${by}: ${reason}`)
    case "pause":
      return withDecision({ ...state, paused: { by, reason } }, by, "pause", reason)
    case "resume":
      // A step that was held gets its time again.
      return withDecision({ ...state, paused: null, held: null, stepSeconds: state.held === null ? state.stepSeconds : 0, observed: state.held === null ? state.observed : { canary: 0, stable: 0 } }, by, "resume", reason)
    case "promote":
      return promotedBy(withDecision({ ...state, override: { by, reason } }, by, "promote past the judge", reason), by, reason)
  }
}

/** A colour that has not got the traffic yet gets it first; its old one is kept all the same. */
function promotedBy(state: RolloutState, by: string, reason: string): RolloutState {
  if (state.kind === "blueGreen" && state.phase !== "observe" && state.phase !== "measure") return { ...state, paused: null, held: null }
  return toPromotion(state, `promoted by ${by} past the judge: ${reason}`)
}
