// Kayenta's verdict of one metric whose rise is bad, as its judge documents it.

const TOLERANCE = 0.25
/** The 99 % quantile of the normal distribution: 98 % between both sides. */
const QUANTILE = 2.3263478740408408

/**
 * "High" when the lower end of the confidence interval of the shift is above a quarter of the estimated shift, and the mean
 * has not fallen. The interval's end is where the statistic meets its quantile, and the statistic falls with the shift, so
 * one look at the quarter tells on which side of it the end lies.
 */
export function kayentaVerdict(canary: readonly number[], baseline: readonly number[]): "High" | "Pass" {
  if (canary.length === 0 || baseline.length === 0) return "Pass"
  const [all, control] = [mean(canary), mean(baseline)]
  // The effect size is their ratio, or 1 where the baseline has nothing to divide by.
  if (all < control || (all === 0 && control === 0)) return "Pass"
  const x = Float64Array.from(canary).sort()
  const y = Float64Array.from(baseline).sort()
  if (x[0] === y[y.length - 1] && y[0] === x[x.length - 1]) return "Pass"
  // The quarter is never below 0, so most of the healthy are told here.
  if (!(statistic(x, y, 0) > QUANTILE)) return "Pass"
  return statistic(x, y, TOLERANCE * Math.abs(estimatedShift(x, y))) > QUANTILE ? "High" : "Pass"
}

/** The rank sum of x − shift among y, standardised, with average ranks for ties and the correction for continuity. */
function statistic(x: Float64Array, y: Float64Array, shift: number): number {
  let wins = 0
  let ties = 0
  let [i, j] = [0, 0]
  while (i < x.length || j < y.length) {
    const next = Math.min(i < x.length ? (x[i] ?? 0) - shift : Infinity, j < y.length ? (y[j] ?? 0) : Infinity)
    const below = j
    let [mine, theirs] = [0, 0]
    for (; i < x.length && (x[i] ?? 0) - shift === next; i++) mine++
    for (; j < y.length && y[j] === next; j++) theirs++
    wins += mine * (below + theirs / 2)
    ties += (mine + theirs) ** 3 - (mine + theirs)
  }
  const [n, m] = [x.length, y.length]
  const distance = wins - (n * m) / 2
  const sigma = Math.sqrt(((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1))))
  return (distance - Math.sign(distance) * 0.5) / sigma
}

/** The shift at which the statistic is 0: the median of all differences. */
function estimatedShift(x: Float64Array, y: Float64Array): number {
  let low = (x[0] ?? 0) - (y[y.length - 1] ?? 0)
  let high = (x[x.length - 1] ?? 0) - (y[0] ?? 0)
  for (let halving = 0; halving < 20; halving++) {
    const middle = (low + high) / 2
    if (statistic(x, y, middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
