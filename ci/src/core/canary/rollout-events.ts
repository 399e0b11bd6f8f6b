import type { CounterSnapshot } from "./counts.js"
import type { RolloutPhase } from "./rollout-state.js"

export type PersonCommand = "pause" | "resume" | "promote" | "abort"

/** What the outside tells the rollout. Each carries the cluster's time; none may be told by another clock. */
export type RolloutEvent =
  /** What the phase asked for is done. `weightPercent`: what is truly carried, where whole pods carry it. */
  | { readonly kind: "done"; readonly phase: RolloutPhase; readonly atSeconds: number; readonly weightPercent?: number }
  /** It cannot be done: by the release's fault (never ready, crashes, wrong answers), or by that of its surroundings. `told` as with an ending. */
  | { readonly kind: "impossible"; readonly phase: RolloutPhase; readonly atSeconds: number; readonly fault: "release" | "surroundings"; readonly told: string; readonly reason: string }
  /** Counters, and for each custom query whether its answer lay in its range; the weight as with `done`. */
  | { readonly kind: "snapshot"; readonly atSeconds: number; readonly snapshot: CounterSnapshot; readonly readings: Readonly<Record<string, boolean | null>>; readonly weightPercent?: number }
  /** The counters could not be had. */
  | { readonly kind: "blind"; readonly atSeconds: number; readonly reason: string }
  /** The stage's time is over. */
  | { readonly kind: "out-of-time"; readonly atSeconds: number; readonly limitSeconds: number }
  /** Time has passed. */
  | { readonly kind: "waiting"; readonly atSeconds: number }
  /** Another controller has taken over; nobody knows what became of the weight meanwhile. */
  | { readonly kind: "taken-up"; readonly atSeconds: number; readonly withdrawn: boolean }
  | { readonly kind: "person"; readonly atSeconds: number; readonly command: PersonCommand; readonly by: string; readonly reason: string }
