import type { Tally } from "./evidence.js"

/** The shares that remain possible, at every look at once. */
export interface ShareBand {
  readonly lower: number
  readonly upper: number
}

/**
 * A band that holds the true share at all looks with a chance of at least 1 − `doubt`: the shares against which a mixture
 * over Beta(½, ½/`expected` − ½) does not have evidence of 1/`doubt`. It is narrowest near the share that is expected.
 */
export function shareBand({ bad, total }: Tally, doubt: number, expected: number): ShareBand {
  if (total === 0) return { lower: 0, upper: 1 }
  const a = 0.5
  const b = 0.5 / expected - 0.5
  const mixture = logBeta(a + bad, b + total - bad) - logBeta(a, b)
  const excluded = (share: number): boolean => mixture - logLikelihood(bad, total, share) >= -Math.log(doubt)
  const measured = bad / total
  return {
    lower: bad === 0 ? 0 : edge(measured, 0, excluded),
    upper: bad === total ? 1 : edge(measured, 1, excluded),
  }
}

/** To a billionth: 30 halvings. */
function edge(inside: number, outside: number, excluded: (share: number) => boolean): number {
  let [near, far] = [inside, outside]
  for (let halving = 0; halving < 30; halving++) {
    const middle = (near + far) / 2
    if (excluded(middle)) far = middle
    else near = middle
  }
  return far
}

function logLikelihood(bad: number, total: number, share: number): number {
  return (bad === 0 ? 0 : bad * Math.log(share)) + (bad === total ? 0 : (total - bad) * Math.log1p(-share))
}

export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** ln Γ(x) for x > 0: Stirling's series, good for twelve digits from 15 on; below by Γ(x) = Γ(x + 1) / x. */
export function logGamma(x: number): number {
  if (x < 15) return logGamma(x + 1) - Math.log(x)
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7)
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series
}
