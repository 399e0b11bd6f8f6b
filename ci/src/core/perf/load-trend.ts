import type { LoadShape } from "./load-shape.js"
import { milliseconds } from "./load-numbers.js"
import type { LoadPoint } from "./recording.js"
import { medianOf, trendOf } from "./robust.js"

const WINDOWS = 40
const LEAST_WINDOWS = 12
// One in a thousand steady runs looks like this by chance.
const SURE = 3.09
const GROWTH = { share: 0.1, milliseconds: 2 }

/** What a long steady load says of growth: thresholds over the whole run miss a leak. */
export interface LoadTrend {
  readonly grows: boolean
  readonly words: string
  /** Null where it is too short to tell. */
  readonly millisecondsAnHour: number | null
}

/** Whether p95 grows while the load stays the same. */
export function latencyTrend(shape: LoadShape, points: readonly LoadPoint[]): LoadTrend {
  const steady = steadyStretch(shape)
  // The first tenth belongs to warming up.
  const from = steady.from + (steady.to - steady.from) * 0.1
  const measured = points.filter((point) => point.seconds >= from && point.seconds <= steady.to && point.p95Milliseconds !== null)
  const windows = windowsOf(measured, WINDOWS)
  const trend = trendOf(windows, LEAST_WINDOWS)
  if (trend === null) return { grows: false, words: `too short to tell a trend: ${windows.length} windows of a steady load, at least ${LEAST_WINDOWS} are needed`, millisecondsAnHour: null }
  const level = medianOf(windows.map(([, value]) => value))
  const growth = trend.slope * (steady.to - from)
  const grows = trend.score > SURE && growth > Math.max(level * GROWTH.share, GROWTH.milliseconds)
  const words = `p95 ${grows ? "grows" : "does not grow"} with time: ${milliseconds(Math.abs(growth))} ${growth < 0 ? "less" : "more"} at the end than at the start of ${Math.round(steady.to - from)} s of steady load (Theil-Sen over ${trend.count} windows, Mann-Kendall ${trend.score.toFixed(1)})`
  return { grows, words, millisecondsAnHour: trend.slope * 3600 }
}

/** The longest stretch of one load. */
function steadyStretch({ points }: LoadShape): { readonly from: number; readonly to: number } {
  let best = { from: 0, to: 0 }
  points.forEach(([to, percent], index) => {
    const [from, before] = points[index - 1] ?? [to, percent]
    if (before === percent && to - from > best.to - best.from) best = { from, to }
  })
  return best
}

function windowsOf(points: readonly LoadPoint[], count: number): readonly (readonly [number, number])[] {
  const size = Math.max(1, Math.ceil(points.length / count))
  const windows: [number, number][] = []
  for (let start = 0; start + size <= points.length; start += size) {
    const part = points.slice(start, start + size)
    windows.push([medianOf(part.map(({ seconds }) => seconds)), medianOf(part.map(({ p95Milliseconds }) => p95Milliseconds ?? 0))])
  }
  return windows
}
