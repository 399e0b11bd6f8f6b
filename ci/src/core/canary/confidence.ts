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
export function shareBand(tally: Tally, doubt: number, expected: number): ShareBand {
  return { lower: lowestShare(tally, doubt, expected), upper: highestShare(tally, doubt, expected) }
}

export function lowestShare({ bad, total }: Tally, doubt: number, expected: number): number {
  return bad === 0 ? 0 : edge(bad, total, 0, threshold(bad, total, doubt, expected))
}

export function highestShare({ bad, total }: Tally, doubt: number, expected: number): number {
  return bad === total ? 1 : edge(bad, total, 1, threshold(bad, total, doubt, expected))
}

/** The log likelihood from which down a share is excluded. */
function threshold(bad: number, total: number, doubt: number, expected: number): number {
  const a = 0.5
  const b = 0.5 / expected - 0.5
  return logBeta(a + bad, b + total - bad) - logBeta(a, b) + Math.log(doubt)
}

/** The first excluded share between the measured one and an end of all shares, to less than a ten millionth: 24 halvings. */
function edge(bad: number, total: number, outside: 0 | 1, excludedFrom: number): number {
  let [near, far]: [number, number] = [bad / total, outside]
  for (let halving = 0; halving < 24; halving++) {
    const middle = (near + far) / 2
    if (logLikelihood(bad, total, middle) <= excludedFrom) far = middle
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
export function logGamma(value: number): number {
  let [x, product] = [value, 1]
  for (; x < 15; x++) product *= x
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5) - 1 / (1680 * x ** 7)
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
}
