/** How often something happened, and how often it could have. */
export interface Tally {
  readonly bad: number
  readonly total: number
}

export const NO_TALLY: Tally = { bad: 0, total: 0 }

/**
 * The alternatives that evidence is weighed for: so many times the odds of what is allowed. None lies below 1, since a
 * canary that is better is no reason to abort. They are ratios, so they follow the canary's measured share by themselves.
 */
export const ODDS_RATIOS = [1.5, 2, 3, 4, 6, 10, 25, 100] as const

/** The logarithm of the likelihood ratio for each alternative; sums over intervals are the evidence of all of them. */
export type LogRatios = readonly number[]

export const NO_EVIDENCE: LogRatios = ODDS_RATIOS.map(() => 0)

/** Each of `trials` was a hit with chance `share`, says the null hypothesis; the alternatives say the odds were higher. */
function logRatios(hits: number, trials: number, share: number): LogRatios {
  return ODDS_RATIOS.map((ratio) => hits * Math.log(ratio) - trials * Math.log1p(share * (ratio - 1)))
}

/** Evidence that more than `limit` of the requests go wrong. */
export function guardrailRatios({ bad, total }: Tally, limit: number): LogRatios {
  return logRatios(bad, total, limit)
}

/**
 * Evidence that the canary goes wrong more often than stable. Of all that went wrong in an interval the canary has
 * its share of the requests, if the two are equally good: so no error rate has to be known, and the share may change
 * from one interval to the next.
 */
export function comparisonRatios(canary: Tally, stable: Tally): LogRatios {
  const requests = canary.total + stable.total
  return requests === 0 ? NO_EVIDENCE : logRatios(canary.bad, canary.bad + stable.bad, canary.total / requests)
}

export function addRatios(one: LogRatios, other: LogRatios): LogRatios {
  return one.map((value, index) => value + (other[index] ?? 0))
}

/** What the first step's start weighs among the starts that evidence is counted from. */
const FIRST_START = 0.8

/**
 * The logarithm of the evidence over all steps: an average of products, so its mean is at most 1 while the null
 * hypothesis is true, and it ever exceeds 1/α with a chance of at most α however often one looks (Ville's inequality).
 * It is counted from each step's start too, or the good answers of 10 % would hide what breaks at 50 %.
 */
export function logEvidence(steps: readonly LogRatios[]): number {
  const later = steps.length > 1 ? (1 - FIRST_START) / (steps.length - 1) : 0
  let since: LogRatios = NO_EVIDENCE
  const terms: number[] = []
  for (let start = steps.length - 1; start >= 0; start--) {
    since = addRatios(since, steps[start] ?? NO_EVIDENCE)
    const weight = (start > 0 ? later : FIRST_START) / ODDS_RATIOS.length
    terms.push(...since.map((value) => value + Math.log(weight)))
  }
  return logSum(terms)
}

function logSum(terms: readonly number[]): number {
  const highest = Math.max(...terms)
  return highest === -Infinity ? highest : highest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - highest), 0))
}
