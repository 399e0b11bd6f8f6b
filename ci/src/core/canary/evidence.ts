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

/**
 * Evidence that has been weighed at every look so far: for each alternative the logarithm of the sum, over all looks that it is counted from, of that
 * start's weight times the likelihood ratio of everything since. Null before the first look.
 */
export type Evidence = readonly number[] | null

/** How much the starts weigh in all: the first look of all, the first looks of later steps, all other looks. */
const START_WEIGHTS = { first: 0.8, steps: 0.15, looks: 0.05 }

/** What evidence that is counted from the first look alone weighs. */
export const FIRST_START = START_WEIGHTS.first

/** Which look it is, of which step, of how many that were planned; each counts from 0. */
export interface Look {
  readonly look: number
  readonly step: number
  readonly opensStep: boolean
  readonly plannedSteps: number
}

/**
 * The weight of counting from this look on, known before it. Steps share theirs alike; looks have 1/2, 1/6, 1/12 … of it, which is less than all of it for any
 * number of them. Counted from the first look alone, the good answers of an hour would hide for minutes what breaks after them.
 */
export function startWeight({ look, step, opensStep, plannedSteps }: Look): number {
  if (look === 0) return START_WEIGHTS.first
  return opensStep && step > 0 && step < plannedSteps ? START_WEIGHTS.steps / (plannedSteps - 1) : START_WEIGHTS.looks / (look * (look + 1))
}

/** Evidence with one more look: all that was there, and the new start, times what the look has shown. */
export function grownEvidence(before: Evidence, ratios: LogRatios, weight: number): Evidence {
  return ratios.map((ratio, index) => ratio + (before === null ? Math.log(weight) : logSum([before[index] ?? -Infinity, Math.log(weight)])))
}

/**
 * The logarithm of the evidence: an average over alternatives and starts of likelihood ratios, none of which is more than 1 in the mean while the null
 * hypothesis is true. With the weights of starts to come, which are at most what is left of 1, it ever exceeds 1/α with a chance of at most α, however
 * often one looks (Ville's inequality).
 */
export function logEvidence(evidence: Evidence): number {
  return evidence === null ? -Infinity : logSum(evidence) - Math.log(ODDS_RATIOS.length)
}

/** The same of one stretch alone, counted from its beginning. */
export function logEvidenceOf(ratios: LogRatios): number {
  return logSum(ratios) - Math.log(ODDS_RATIOS.length)
}

function logSum(terms: readonly number[]): number {
  const highest = Math.max(...terms)
  return highest === -Infinity ? highest : highest + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - highest), 0))
}
