import type { CheckedService } from "../gates/smoke.js"
import type { TrafficRouter } from "../config/strategy.js"
import type { PersonCommand } from "./rollout-events.js"
import type { RolloutPlan } from "./rollout-plan.js"
import type { RolloutState } from "./rollout-state.js"

/** The tracks of a chart; `stable` has the traffic until a colour has. */
export type TrackName = "stable" | "canary" | "blue" | "green"

/** What a rollout is about, besides its plan: enough to take it up, or back, on any machine and without its sources. */
export interface RolloutFacts {
  readonly runId: string
  readonly environment: string
  readonly commit: string
  /** repository@digest by service. */
  readonly images: Readonly<Record<string, string>>
  readonly content: string
  /** What the release is proven by, and what the revision was that it may go back to; none: nobody has written that down. */
  readonly checks: readonly CheckedService[]
  readonly capturedChecks: readonly CheckedService[]
  readonly plan: string | null
  readonly approvedBy: string | null
  /** ISO 8601, UTC. */
  readonly startedAt: string
  /** Who carries the weight; left out by versions that knew the HTTPRoute alone. */
  readonly router?: TrafficRouter
  readonly live: TrackName
  readonly track: TrackName
  /** Services that the track has. */
  readonly services: readonly string[]
  /** Helm's revision that everything goes back to. */
  readonly captured: number
  /** The one that put the track beside it; null until then. */
  readonly withTrack: number | null
}

/** Something that a person has asked for at some terminal, until the controller has obeyed. */
export interface GivenCommand {
  readonly id: string
  readonly command: PersonCommand
  readonly by: string
  readonly reason: string
}

/** A rollout as it is kept in the cluster. */
export interface StoredRollout {
  readonly facts: RolloutFacts
  readonly plan: RolloutPlan
  readonly state: RolloutState
  readonly commands: readonly GivenCommand[]
  /** Who leads it now: whoever took it up last. */
  readonly leader: string
}

export const rolloutName = (release: string): string => `delivery-${release}-rollout`

/** The data of its ConfigMap. */
export function storedData({ facts, plan, state, commands, leader }: StoredRollout): Readonly<Record<string, string>> {
  return { "facts.json": JSON.stringify(facts), "plan.json": JSON.stringify(plan), "state.json": JSON.stringify(state), "commands.json": JSON.stringify(commands), leader }
}

/** Null for data that this version did not write. */
export function parseStored(data: Readonly<Record<string, string>> | undefined): StoredRollout | null {
  const [facts, plan, state] = [data?.["facts.json"], data?.["plan.json"], data?.["state.json"]]
  if (facts === undefined || plan === undefined || state === undefined) return null
  return {
    facts: JSON.parse(facts) as RolloutFacts,
    plan: JSON.parse(plan) as RolloutPlan,
    state: JSON.parse(state) as RolloutState,
    commands: JSON.parse(data?.["commands.json"] ?? "[]") as readonly GivenCommand[],
    leader: data?.["leader"] ?? "",
  }
}
