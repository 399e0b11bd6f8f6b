import type { Verdict } from "../verdict.js"
import type { ShareBand } from "./confidence.js"
import type { CounterSnapshot } from "./counts.js"
import type { Tally } from "./evidence.js"
import { NEW_JUDGE, withStep, type JudgeState } from "./judge-state.js"
import type { RolloutPlan } from "./rollout-plan.js"

/** The way up, the way to the end, and the way back. */
export type RolloutPhase =
  | "scale"
  | "ready"
  | "smoke"
  | "weight"
  | "observe"
  | "measure"
  | "update-stable"
  | "return-weight"
  | "observe-return"
  | "keep"
  | "remove"
  | "promoted"
  | "restore-stable"
  | "withdraw"
  | "observe-withdrawal"
  | "drain"
  | "scale-down"
  | "prove-stable"
  | "aborted"
  | "stranded"

/** Where an interval ended, for the picture. */
export interface TimelinePoint {
  readonly seconds: number
  readonly weightPercent: number
  /** Null where nobody asked for anything, or two weights are in it. */
  readonly share: number | null
  readonly canary: Tally
  readonly stable: Tally
  readonly band: ShareBand
}

/** Something that was decided, by whom, with its numbers. */
export interface RolloutDecision {
  readonly seconds: number
  readonly by: string
  readonly what: string
  readonly reason: string
}

export interface PersonalReason {
  readonly by: string
  readonly reason: string
}

/** Why it ends. `told` may leave the run: our own words, a judge's numbers, a person's reason; in `reason` a tool may speak, with whatever it has printed. */
export interface RolloutEnding {
  readonly verdict: Verdict
  readonly told: string
  readonly reason: string
}

/** Where a rollout is: plain data, kept in the cluster after every change, so that anybody can take it up from there. */
export interface RolloutState {
  readonly schemaVersion: 1
  readonly kind: RolloutPlan["kind"]
  readonly release: string
  readonly phase: RolloutPhase
  readonly step: number
  /** What this step truly carries, where whole pods carry it and not a router; missing where the plan's weight is held. */
  readonly carriedPercent?: number
  /** Seconds of the whole rollout, of this phase, and since this step's weight was set; jumps of the clock are cut. */
  readonly seconds: number
  readonly phaseSeconds: number
  readonly stepSeconds: number
  /** When it was last changed, by the cluster's clock. */
  readonly atSeconds: number | null
  /** The counters that the next interval starts at. */
  readonly baseline: CounterSnapshot | null
  /** The interval that has begun spans a change of the weight, or a time in which nobody looked: it counts against the limit, and says nothing of shares. */
  readonly mixed?: boolean
  /** In the interval that has begun nobody led: what the canary was sent is not known, so no answer that the gateway gave itself was its own. */
  readonly unwatched?: boolean
  /** Requests since the weight was set. */
  readonly observed: { readonly canary: number; readonly stable: number }
  /** Second of the rollout at which counters were last had. */
  readonly seenSeconds: number
  readonly judge: JudgeState
  readonly paused: PersonalReason | null
  /** Why the judge holds it; null when it does not. */
  readonly held: string | null
  /** Whether requests of our own go to the canary. */
  readonly synthetic: boolean
  /** Who took it past the judge, and why. */
  readonly override: PersonalReason | null
  readonly ending: RolloutEnding | null
  /** The step that could not be done, of one that is stranded. */
  readonly stuckIn?: RolloutPhase
  readonly timeline: readonly TimelinePoint[]
  /** Every weight that was set, and when. */
  readonly weights: readonly { readonly seconds: number; readonly weightPercent: number }[]
  readonly decisions: readonly RolloutDecision[]
}

const ENDED: readonly RolloutPhase[] = ["promoted", "aborted", "stranded"]
const LEAVING: readonly RolloutPhase[] = ["restore-stable", "withdraw", "observe-withdrawal", "drain", "scale-down", "prove-stable"]
const FINISHING: readonly RolloutPhase[] = ["update-stable", "return-weight", "observe-return", "remove"]

export function hasEnded({ phase }: RolloutState): boolean {
  return ENDED.includes(phase)
}

export function isLeaving({ phase }: RolloutState): boolean {
  return LEAVING.includes(phase)
}

/** The weight of the step that it is in: by the plan, or what pods make of it. */
export function stepWeight({ steps }: RolloutPlan, { step, carriedPercent }: RolloutState): number {
  return carriedPercent ?? steps[step]?.weightPercent ?? 0
}

/** What the router was told last: also while the pods of the next step come up. */
export function weightNow({ weights }: RolloutState): number {
  return weights.at(-1)?.weightPercent ?? 0
}

/** The judge has spoken, and stable becomes the new release. */
export function isFinishing({ phase }: RolloutState): boolean {
  return FINISHING.includes(phase)
}

function newRollout({ kind, release }: RolloutPlan): RolloutState {
  return {
    schemaVersion: 1,
    kind,
    release,
    phase: "scale",
    step: 0,
    seconds: 0,
    phaseSeconds: 0,
    stepSeconds: 0,
    atSeconds: null,
    baseline: null,
    observed: { canary: 0, stable: 0 },
    seenSeconds: 0,
    judge: withStep(NEW_JUDGE),
    paused: null,
    held: null,
    synthetic: false,
    override: null,
    ending: null,
    timeline: [],
    weights: [],
    decisions: [],
  }
}

const REMOVED_LATER = "it was promoted before; what has no traffic was taken away by another try"

/** One that is stuck, tried again from where it stuck: whoever asks for that has seen to the cause. */
export function unstranded({ stuckIn = "prove-stable", ...state }: RolloutState): RolloutState {
  if (state.phase !== "stranded") return state
  const again = { ...state, phase: stuckIn, phaseSeconds: 0 }
  // Nothing was wrong with the release.
  return stuckIn === "remove" ? { ...again, ending: { verdict: "passed", told: REMOVED_LATER, reason: REMOVED_LATER } } : again
}

export type RolloutStart = { readonly kind: "started" | "taken-up" | "nothing-to-do"; readonly state: RolloutState } | { readonly kind: "refused"; readonly reason: string }

/** Begins a rollout, or takes up the one that the cluster holds; two at once are refused. */
export function startRollout(plan: RolloutPlan, existing: RolloutState | null): RolloutStart {
  if (existing === null) return { kind: "started", state: newRollout(plan) }
  const same = existing.release === plan.release && existing.kind === plan.kind
  if (hasEnded(existing)) {
    if (existing.stuckIn === "remove") return afterStuckRemoval(plan, existing, same)
    if (existing.phase === "stranded") return { kind: "refused", reason: `the rollout of ${existing.release} is stuck (${existing.ending?.reason ?? ""}): see to the cause, then canary-abort` }
    // A release that was promoted is there; one that was aborted may be tried again.
    return same && existing.phase === "promoted" ? { kind: "nothing-to-do", state: existing } : { kind: "started", state: newRollout(plan) }
  }
  if (same) return { kind: "taken-up", state: existing }
  return { kind: "refused", reason: `expected no other rollout here, got that of ${existing.release} in phase ${existing.phase}, step ${existing.step + 1}: wait for its end, or abort it` }
}

/** It was promoted, and its track is still there: the same release takes it away, and so does any other that is put over it. Beside a colour nobody knows any more which one is idle. */
function afterStuckRemoval(plan: RolloutPlan, existing: RolloutState, same: boolean): RolloutStart {
  if (same) return { kind: "taken-up", state: unstranded(existing) }
  if (existing.kind === "canary" && plan.kind === "canary") return { kind: "started", state: newRollout(plan) }
  return { kind: "refused", reason: `the rollout of ${existing.release} was promoted, and what has no traffic could not be taken away (${existing.ending?.reason ?? ""}): run the same release again, or roll back` }
}
