import type { LoadBudget } from "./load-budget.js"
import type { LoadPoint } from "./recording.js"
import { medianOf } from "./robust.js"

const WINDOW_SECONDS = 10
const MOST_DROPPED_SHARE = 0.01

/** How far a growing load came within the limits. */
export interface LoadCapacity {
  /** Iterations a second, of the last window before the limits were crossed for good. */
  readonly iterationsPerSecond: number
  readonly requestsPerSecond: number
  /** What was crossed first; null when the load ended before. */
  readonly broke: { readonly seconds: number; readonly what: string } | null
}

/** The highest rate that was held; null when there is no whole window within the limits. */
export function findCapacity(points: readonly LoadPoint[], budget: LoadBudget): LoadCapacity | null {
  const windows = new Map<number, LoadPoint[]>()
  for (const point of points) {
    const number = Math.floor(point.seconds / WINDOW_SECONDS)
    windows.set(number, [...(windows.get(number) ?? []), point])
  }
  let held: Omit<LoadCapacity, "broke"> | null = null
  let first: LoadCapacity["broke"] = null
  for (const [number, window] of windows) {
    const what = crossedIn(window, budget)
    if (what === null) {
      // One bad window between good ones was a hiccup.
      first = null
      held = { iterationsPerSecond: medianOf(window.map((point) => point.iterationsPerSecond)), requestsPerSecond: medianOf(window.map((point) => point.requestsPerSecond)) }
    } else first ??= { seconds: number * WINDOW_SECONDS, what }
  }
  return held === null ? null : { ...held, broke: first }
}

function crossedIn(window: readonly LoadPoint[], budget: LoadBudget): string | null {
  const p95 = medianOf(window.flatMap(({ p95Milliseconds }) => (p95Milliseconds === null ? [] : [p95Milliseconds])))
  if (Number.isNaN(p95)) return "no answers"
  if (p95 > budget.p95Milliseconds) return "p95"
  const errors = window.reduce((sum, { errorRate, requestsPerSecond }) => sum + (errorRate ?? 0) * requestsPerSecond, 0) / window.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0)
  if (errors > Math.max(budget.errorRate, 0.01)) return "errors"
  const dropped = window.reduce((sum, point) => sum + point.dropped, 0)
  const begun = window.reduce((sum, { iterationsPerSecond }) => sum + iterationsPerSecond, 0)
  return dropped > begun * MOST_DROPPED_SHARE ? "iterations without a free user" : null
}
