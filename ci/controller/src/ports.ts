import type { CounterSnapshot } from "../../src/core/canary/counts.js"
import type { RolloutState } from "../../src/core/canary/rollout-state.js"
import type { GivenCommand } from "../../src/core/canary/stored-rollout.js"

/** What became of something that the cluster was asked to do. */
export type StepOutcome =
  /** `weightPercent`: what is truly carried, where that may be another share than the one asked for. */
  | { readonly kind: "done"; readonly weightPercent?: number }
  /** `told`: what of the reason may leave the run. */
  | { readonly kind: "impossible"; readonly fault: "release" | "surroundings"; readonly told: string; readonly reason: string }

/** Something that is said in our own words alone. */
export const impossible = (fault: "release" | "surroundings", reason: string): StepOutcome => ({ kind: "impossible", fault, told: reason, reason })

export const DONE = { kind: "done" } as const

/** Where the rollout is kept. A save by anybody but the last one to take it up is refused. */
export interface RolloutStore {
  /** What persons have asked for since, oldest first. */
  readonly commands: () => Promise<readonly GivenCommand[]>
  /** Writes the state; the commands that it has obeyed are taken away in the same write. */
  readonly save: (state: RolloutState, obeyed: readonly GivenCommand[]) => Promise<void>
}

/** What moves pods and traffic. Each can be asked twice with the effect of once. */
export interface RolloutCluster {
  /** Seconds by the cluster's clock. */
  readonly clock: () => Promise<number>
  readonly scaleTrack: (weightPercent: number) => Promise<StepOutcome>
  /** `broken`: nobody needs the answer any more. */
  readonly awaitReady: (broken: AbortSignal) => Promise<StepOutcome>
  readonly smoke: () => Promise<StepOutcome>
  readonly setWeight: (weightPercent: number) => Promise<StepOutcome>
  /** What is carried now of a weight that was set; where pods carry it, it moves with them. */
  readonly carried: (weightPercent: number) => Promise<StepOutcome>
  /** Whoever led it before may be dead: whether the cluster has taken the traffic away, and if not, its deadline is ours from now on. */
  readonly takeOver: () => Promise<{ readonly withdrawn: boolean }>
  /** Whether the cluster has taken away a weight that was set, or taken over, here. */
  readonly isWithdrawn: () => Promise<boolean>
  /** What has the traffic stays there, whoever watches. */
  readonly disarm: () => Promise<void>
  readonly updateStable: (broken: AbortSignal) => Promise<StepOutcome>
  readonly restoreStable: () => Promise<StepOutcome>
  /** Takes away what has no traffic any more: the track, or with `promoted` the old colour. */
  readonly removeIdle: (promoted: boolean) => Promise<StepOutcome>
  readonly proveStable: () => Promise<StepOutcome>
  /** What the track's pods have to say, before they are taken away. */
  readonly evidence: () => Promise<string>
}

/** What counts the requests of both tracks: Prometheus here, any other store behind the same port. */
export interface RolloutMetrics {
  /** Seconds by the store's clock. */
  readonly clock: () => Promise<number>
  readonly snapshot: () => Promise<CounterSnapshot>
  /** Of each custom query whether its answer lies in its range; null for none. */
  readonly readings: () => Promise<Readonly<Record<string, boolean | null>>>
}

/** Requests of our own. */
export interface RolloutTraffic {
  /** What is sent to the gateway besides users. */
  readonly requestsPerSecond: number
  /** Keeps them going to the gateway as users would send them, or to the track alone; called as often as one likes. */
  readonly keepUp: (to: "everybody" | "track" | "nobody") => Promise<void>
}

export interface RolloutPorts {
  readonly store: RolloutStore
  readonly cluster: RolloutCluster
  readonly metrics: RolloutMetrics
  readonly traffic: RolloutTraffic
  readonly sleep: (seconds: number) => Promise<void>
  readonly say: (line: string) => void
}
