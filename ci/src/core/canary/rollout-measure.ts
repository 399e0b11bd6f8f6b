import { shareBand } from "./confidence.js"
import { countInterval, nextBaseline, type IntervalCounts } from "./counts.js"
import { NO_TALLY } from "./evidence.js"
import { judgeCanary, type Judgement } from "./judge.js"
import { withSample } from "./judge-state.js"
import { observeShare } from "./observed-share.js"
import type { RolloutEvent } from "./rollout-events.js"
import { toAbort, toNextStep, toPhase, toPromotion, toWeight, withDecision } from "./rollout-moves.js"
import type { RolloutPlan } from "./rollout-plan.js"
import { isFinishing, stepWeight, weightNow, type RolloutState, type TimelinePoint } from "./rollout-state.js"

type SnapshotEvent = Extract<RolloutEvent, { readonly kind: "snapshot" }>

/**
 * Counters while a weight is set. What the canary answers counts from the first moment, also before its share is
 * believed: a fault must not hide behind a router. More traffic takes both, the share and the evidence.
 */
export function onSnapshot(plan: RolloutPlan, before: RolloutState, event: SnapshotEvent): RolloutState {
  const state = withCarried(plan, before, event)
  const counted = counts(plan, state, event)
  if (counted.kind === "ended") return counted.state
  const { state: seen, interval } = counted
  const isReturning = state.phase === "observe-withdrawal" || state.phase === "observe-return"
  if (isReturning) return state.mixed === true ? seen : onReturn(plan, withObserved(seen, interval))
  // What spans a change of the weight is no share of either.
  const mixed = state.mixed === true
  const { state: judged, judgement } = withJudged(plan, mixed ? seen : withObserved(seen, interval), event, interval, { synthetic: state.synthetic, mixed })
  return onJudgement(plan, judged, judgement)
}

/** Counters while something else goes on and the canary has traffic: the judge may end it, and asks for nothing more. */
export function onPassing(plan: RolloutPlan, state: RolloutState, event: SnapshotEvent): RolloutState {
  const counted = counts(plan, state, event)
  if (counted.kind === "ended") return counted.state
  const { state: judged, judgement } = withJudged(plan, counted.state, event, counted.interval, { synthetic: state.synthetic, mixed: state.mixed === true })
  return judgement.verdict === "failed" && state.override === null ? toAbort(judged, "failed", "judge", judgement.reason) : judged
}

type Counted = { readonly kind: "counted"; readonly state: RolloutState; readonly interval: IntervalCounts } | { readonly kind: "ended"; readonly state: RolloutState }

/** What came since the last look, and the state with that look behind it; `ended`: there is nothing to judge. */
function counts(plan: RolloutPlan, state: RolloutState, { snapshot }: SnapshotEvent): Counted {
  if (state.baseline === null) return { kind: "ended", state: { ...state, baseline: snapshot, mixed: false, unwatched: false, seenSeconds: state.seconds } }
  const interval = countInterval(state.baseline, snapshot, state.unwatched === true ? 0 : weightNow(state))
  if (interval.kind === "no-data") return { kind: "ended", state: onBlind(plan, state, interval.reason) }
  return { kind: "counted", interval: interval.counts, state: { ...state, baseline: nextBaseline(state.baseline, snapshot), mixed: false, unwatched: false, seenSeconds: state.seconds } }
}

function withObserved(state: RolloutState, { canary, stable }: IntervalCounts): RolloutState {
  return { ...state, observed: { canary: state.observed.canary + canary.requests, stable: state.observed.stable + stable.requests } }
}

function withJudged(plan: RolloutPlan, state: RolloutState, { readings }: SnapshotEvent, interval: IntervalCounts, { synthetic, mixed }: { readonly synthetic: boolean; readonly mixed: boolean }): { readonly state: RolloutState; readonly judgement: Judgement } {
  const judge = withSample(plan.judge, state.judge, { counts: interval, readings, synthetic: synthetic || mixed })
  const judgement = judgeCanary(plan.judge, judge)
  const judged = { ...state, judge }
  return { state: { ...judged, timeline: extended(state.timeline, { ...timelinePoint(plan, judged, interval, judgement), ...(mixed ? { share: null } : {}) }) }, judgement }
}

/** Pods have come or gone: that is another weight, and what was observed under the old one says nothing of it. */
function withCarried(plan: RolloutPlan, state: RolloutState, { weightPercent }: SnapshotEvent): RolloutState {
  if (weightPercent === undefined || weightPercent === stepWeight(plan, state)) return state
  const moved = { ...state, carriedPercent: weightPercent, observed: { canary: 0, stable: 0 }, weights: [...state.weights, { seconds: state.seconds, weightPercent }] }
  return withDecision(moved, "controller", "weight moved by its pods", `${stepWeight(plan, state)} % before, ${weightPercent} % now`)
}

function onJudgement(plan: RolloutPlan, state: RolloutState, judgement: Judgement): RolloutState {
  const step = plan.steps[state.step]
  if (step === undefined) return state
  if (state.override !== null) return toPromotion(state, `${state.override.reason} (${state.override.by})`)
  if (judgement.verdict === "failed") return toAbort(state, "failed", "judge", judgement.reason)
  const share = observeShare(stepWeight(plan, state), state.observed.canary, state.observed.stable)
  // Our own requests go to the canary alone, past the router.
  const shareState = state.synthetic ? "as-asked" : share.state
  if (shareState === "different") return onWrongShare(plan, state, share.text)
  const late = state.stepSeconds >= step.maximumSeconds
  if (shareState !== "as-asked") return late ? onInconclusive(plan, state, `${share.text}: too few to know the weight`) : state
  const measuring = state.phase === "observe" ? withDecision(toPhase(state, "measure"), "controller", "weight observed", share.text) : state
  if (judgement.verdict === "inconclusive") return late ? onInconclusive(plan, measuring, judgement.reason) : measuring
  if (state.stepSeconds < step.holdSeconds || state.paused !== null) return measuring
  return toNextStep(plan, measuring, judgement.reason)
}

/** A router needs a moment: it is asked again until its time is over, and then not trusted with more. */
function onWrongShare(plan: RolloutPlan, state: RolloutState, text: string): RolloutState {
  if (state.phase === "measure" || state.phaseSeconds >= plan.observeSeconds) return toAbort(state, "error", "controller", `${state.carriedPercent === undefined ? "the router does not give the weight that it was told" : "the pods do not get the share of their number, or not all of them are scraped"}: ${text}`)
  return { ...state, observed: { canary: 0, stable: 0 } }
}

/** What delivery.yaml wants to happen when a step's time is over without a verdict. */
function onInconclusive(plan: RolloutPlan, state: RolloutState, reason: string): RolloutState {
  // A person who paused it has taken the time upon themselves.
  if (state.held !== null || state.paused !== null) return state
  if (plan.inconclusive === "rollback") return toAbort(state, "inconclusive", "judge", reason)
  if (plan.inconclusive === "synthesize" && !state.synthetic) {
    return withDecision({ ...state, synthetic: true, stepSeconds: 0, observed: { canary: 0, stable: 0 } }, "judge", "synthesize", `${reason}; requests of our own from here on, which are held against the limit alone`)
  }
  return withDecision({ ...state, held: reason }, "judge", "hold", reason)
}

/** Weight 0 was set: the canary may go when it is seen to get nothing, or when nobody asks for anything. */
function onReturn(plan: RolloutPlan, state: RolloutState): RolloutState {
  const share = observeShare(0, state.observed.canary, state.observed.stable)
  if (share.state === "as-asked") return afterReturn(state)
  // Who asks for the track by its header or cookie still gets it, and its rule goes with its pods.
  const sinceZero = state.seconds - (state.weights.at(-1)?.seconds ?? state.seconds)
  if (share.state === "different" && sinceZero >= plan.observeSeconds) return withDecision(afterReturn(state), "controller", "weight 0 is set", `${share.text}, by whoever asks for the track by name`)
  if (share.state === "different") return withDecision(toWeight(state, state.phase === "observe-return" ? "return-weight" : "withdraw"), "controller", "weight 0 again", share.text)
  return state.phaseSeconds >= plan.observeSeconds ? afterReturn(state) : state
}

export function afterReturn(state: RolloutState): RolloutState {
  return toPhase(state, state.phase === "observe-return" ? "remove" : "drain")
}

/** One scrape may fail, and the next takes its time. */
export const SCRAPES_MISSED = 2.5

/** No canary carries traffic unseen for long; the way back does not wait for counters. */
export function onBlind(plan: RolloutPlan, state: RolloutState, reason: string): RolloutState {
  if (state.phase === "observe-withdrawal" || state.phase === "observe-return") return state.phaseSeconds >= plan.observeSeconds ? afterReturn(state) : state
  const blindSeconds = state.seconds - state.seenSeconds
  if (isFinishing(state) || blindSeconds < Math.max(plan.blindSeconds, SCRAPES_MISSED * (state.baseline?.scrapeSeconds ?? 0))) return state
  const told = `no counters for ${Math.round(blindSeconds)} s while the canary carries traffic`
  return toAbort(state, "error", "controller", `${told}: ${reason}`, told)
}

function timelinePoint(plan: RolloutPlan, state: RolloutState, { canary, stable }: IntervalCounts, judgement: Judgement): TimelinePoint {
  const total = canary.requests + stable.requests
  const { canary: all, stable: beside } = judgement.metrics[0] ?? { canary: NO_TALLY, stable: NO_TALLY }
  return {
    seconds: state.seconds,
    weightPercent: weightNow(state),
    share: total === 0 ? null : canary.requests / total,
    canary: all,
    stable: beside,
    band: shareBand(all, plan.judge.falsePromotionRate / 2, plan.judge.metrics[0]?.limit ?? 0.01),
  }
}

/** The state lives in an object of the cluster: of a long rollout every second point is enough. */
const MOST_POINTS = 400

function extended(timeline: readonly TimelinePoint[], point: TimelinePoint): readonly TimelinePoint[] {
  const kept = timeline.length < MOST_POINTS ? timeline : timeline.filter((_, index) => index % 2 === 0)
  return [...kept, point]
}
