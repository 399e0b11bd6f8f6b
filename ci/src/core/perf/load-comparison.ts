import { milliseconds } from "./load-numbers.js"
import type { LoadPlan } from "./load-plan.js"
import type { LoadPoint } from "./recording.js"
import { medianOf, robustDeviation } from "./robust.js"

/** What is kept of a run that passed, for those after it. */
export interface GoodRun {
  readonly schemaVersion: 1
  readonly key: string
  readonly runId: string
  readonly commit: string
  readonly startedAtMs: number
  readonly p50Milliseconds: number
  readonly p95Milliseconds: number
  readonly requestsPerSecond: number
  /** How far p95 moves by chance in one run, as its intervals tell. */
  readonly noiseMilliseconds: number
}

export interface LoadComparison {
  readonly state: "first" | "same" | "faster" | "slower"
  readonly words: string
  readonly runs: number
  readonly p95Milliseconds: number | null
  /** A difference below this says nothing. */
  readonly toleranceMilliseconds: number | null
}

export const KEPT_GOOD_RUNS = 10
const RUNS_FOR_SPREAD = 3
const DEFAULT_SLOWDOWN_PERCENT = 20
// What timers and schedulers of shared machines do.
const FLOOR_MILLISECONDS = 2
const DEVIATIONS = 3

/** Only the same load can be compared: a name for it that can be a folder's. */
export function loadKey({ scenario, shape }: LoadPlan): string {
  const size = shape.model === "closed" ? `${shape.users}users` : `${Math.round(shape.ratePerSecond)}persecond`
  return `${scenario}-${shape.profile}-${shape.model}-${size}-${Math.round(shape.seconds)}s`
}

/** How far the p95 of a run moves by chance: the standard error of the middle of its intervals. */
export function noiseOf(points: readonly LoadPoint[]): number {
  const values = points.flatMap(({ p95Milliseconds }) => (p95Milliseconds === null ? [] : [p95Milliseconds]))
  return values.length < 2 ? 0 : (1.2533 * robustDeviation(values)) / Math.sqrt(values.length)
}

/**
 * Compares a run with the last good ones of its load. It is slower when p95 is, by more than the percentage that counts, by more than
 * three times what chance does (between the good runs, once there are three, and within the runs) and by more than a timer's unrest.
 */
export function compareLoad(run: { readonly p95Milliseconds: number; readonly noiseMilliseconds: number }, good: readonly GoodRun[], maximumSlowdownPercent: number | null): LoadComparison {
  if (good.length === 0) return { state: "first", words: "no good run of this load here yet to compare with", runs: 0, p95Milliseconds: null, toleranceMilliseconds: null }
  const base = medianOf(good.map(({ p95Milliseconds }) => p95Milliseconds))
  const between = good.length < RUNS_FOR_SPREAD ? 0 : robustDeviation(good.map(({ p95Milliseconds }) => p95Milliseconds))
  const noise = Math.max(between, run.noiseMilliseconds, medianOf(good.map(({ noiseMilliseconds }) => noiseMilliseconds)))
  const tolerance = Math.max((base * (maximumSlowdownPercent ?? DEFAULT_SLOWDOWN_PERCENT)) / 100, DEVIATIONS * noise, FLOOR_MILLISECONDS)
  const difference = run.p95Milliseconds - base
  const state = difference > tolerance ? "slower" : difference < -tolerance ? "faster" : "same"
  const runs = good.length === 1 ? "the last good run" : `the middle of the last ${good.length} good runs`
  const words =
    state === "same"
      ? `as fast as ${runs} (p95 ${milliseconds(base)}, ±${milliseconds(tolerance)} says nothing)`
      : `${state} than ${runs}: p95 ${milliseconds(run.p95Milliseconds)} against ${milliseconds(base)}, ±${milliseconds(tolerance)} would say nothing`
  return { state, words, runs: good.length, p95Milliseconds: base, toleranceMilliseconds: tolerance }
}

/** Files of good runs, newest last; one that cannot be read is none. */
export function parseGoodRuns(texts: readonly string[], key: string): readonly GoodRun[] {
  return texts
    .flatMap((text) => {
      try {
        const run = JSON.parse(text) as Partial<GoodRun>
        return run.schemaVersion === 1 && run.key === key && typeof run.p95Milliseconds === "number" ? [run as GoodRun] : []
      } catch {
        return []
      }
    })
    .sort((left, right) => left.startedAtMs - right.startedAtMs)
    .slice(-KEPT_GOOD_RUNS)
}
