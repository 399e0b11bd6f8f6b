/** The middle of a list, or the mean of its two middles; NaN for none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** Standard deviation as outliers cannot move it: 1.4826 times the median distance from the median. */
export function robustDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const middle = medianOf(values)
  return 1.4826 * medianOf(values.map((value) => Math.abs(value - middle)))
}

/** A trend over time. */
export interface Trend {
  /** Theil-Sen: the median of the slopes between all pairs of points. */
  readonly slope: number
  /** Mann-Kendall: how many standard deviations more pairs rise than fall, of what chance gives. */
  readonly score: number
  readonly count: number
}

/** The trend of points; null for fewer than `least`. Neither number minds single outliers. */
export function trendOf(points: readonly (readonly [x: number, y: number])[], least: number): Trend | null {
  const count = points.length
  if (count < least) return null
  const slopes: number[] = []
  let rising = 0
  points.forEach(([x, y], index) => {
    for (const [laterX, laterY] of points.slice(index + 1)) {
      slopes.push((laterY - y) / (laterX - x))
      rising += Math.sign(laterY - y)
    }
  })
  const deviation = Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  return { slope: medianOf(slopes), score: (rising - Math.sign(rising)) / deviation, count }
}
