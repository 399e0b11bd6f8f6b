import { highestShare } from "./confidence.js"
import type { IntervalCounts } from "./counts.js"
import { FIRST_START, grownEvidence, guardrailRatios, logEvidence, type Tally } from "./evidence.js"
import type { Judgement, MetricJudgement } from "./judge.js"
import { EMPTY_METRIC, type JudgeState } from "./judge-state.js"
import { evidenceLimit, type JudgePolicy, type MetricPolicy } from "./policy.js"

/** What a step takes, known before it starts. */
export interface StepRequests {
  readonly weightPercent: number
  /** Requests to the canary. */
  readonly canary: number
  /** Requests to both, so that the canary gets its share. */
  readonly all: number
  /** At the traffic that was measured; null where there is none. */
  readonly seconds: number | null
}

/** More than this is no plan. */
const MOST = 10_000_000

/** Requests after which a canary whose share is `expected` has shown enough for a promotion. */
export function requestsToPromote(policy: JudgePolicy, metric: MetricPolicy, expected: number): number {
  const limit = Math.min(metric.limit, expected) + metric.margin
  return fewest((total) => highestShare({ bad: Math.ceil(expected * total), total }, policy.falsePromotionRate / 2, metric.limit) < limit)
}

/** The same for one step alone, once the steps before it have shown enough. */
export function requestsOfOneStep(policy: JudgePolicy, metric: MetricPolicy, expected: number): number {
  const limit = Math.min(metric.limit, expected) + metric.margin
  return fewest((total) => highestShare({ bad: Math.ceil(expected * total), total }, policy.stepDoubt, metric.limit) < limit)
}

/**
 * Requests to the canary that are still missing, if it goes on as stable does, until every metric has shown enough; null where that is not a matter of
 * requests: evidence against it, no data, or limits that this share never meets.
 */
export function requestsStillNeeded(policy: JudgePolicy, { steps }: JudgeState, { metrics }: Judgement): number | null {
  const counted = policy.metrics.filter(isWaitedFor)
  const missing = counted.map((metric) => {
    const judged = metrics.find(({ name }) => name === metric.name)
    if (judged === undefined || !["no-data", "too-few-requests", "too-few-in-this-step", "good-enough"].includes(judged.cause)) return MOST
    return stillMissing(policy, metric, judged, steps, judged.stable.total > 0 ? judged.stable.bad / judged.stable.total : 0)
  })
  const most = Math.max(...missing)
  return most >= MOST ? null : most
}

/** The same for each custom query that needs more answers, all of them in its range. */
export function readingsStillNeeded(policy: JudgePolicy, { steps }: JudgeState, { metrics }: Judgement): readonly { readonly name: string; readonly readings: number }[] {
  return policy.metrics.flatMap((metric) => {
    const judged = metrics.find(({ name }) => name === metric.name)
    if (metric.kind !== "readings" || judged === undefined || (judged.cause !== "too-few-requests" && judged.cause !== "too-few-in-this-step")) return []
    return [{ name: metric.name, readings: stillMissing(policy, metric, judged, steps, 0) }]
  })
}

/** How many more it takes, of which the share `expected` goes wrong, until the metric has shown enough: in all, and in this step. */
function stillMissing(policy: JudgePolicy, metric: MetricPolicy, judged: MetricJudgement, steps: JudgeState["steps"], expected: number): number {
  const suffices = ({ bad, total }: Tally, more: number, doubt: number): boolean => highestShare({ bad: bad + Math.ceil(expected * more), total: total + more }, doubt, metric.limit) < judged.promotionLimit
  const inStep = (steps.at(-1)?.[metric.name] ?? EMPTY_METRIC).canary
  return fewest((more) => suffices(judged.canary, more, policy.falsePromotionRate / 2) && suffices(inStep, more, policy.stepDoubt))
}

/** What traffic there was between two looks: how much of it, and which share of it went wrong, by metric. */
export interface MeasuredTraffic {
  readonly requestsPerMinute: number
  readonly expected: Readonly<Record<string, number>>
}

/** Of all tracks together for the rate; what goes wrong is what stable shows. */
export function measuredTraffic(policy: JudgePolicy, { canary, stable }: IntervalCounts, seconds: number): MeasuredTraffic {
  const bad = { errors: stable.errors, slow: stable.slow ?? 0, readings: 0 }
  const shares = policy.metrics.map((metric): [string, number] => [metric.name, stable.requests === 0 ? 0 : bad[metric.kind] / stable.requests])
  return { requestsPerMinute: ((canary.requests + stable.requests) * 60) / seconds, expected: Object.fromEntries(shares) }
}

/** Requests within which the guardrail alone catches a canary that goes wrong at `share`, in 95 of 100 cases. */
export function requestsToCatch(metric: MetricPolicy, share: number): number {
  const unlucky = (total: number): number => Math.max(0, Math.floor(share * total - 1.645 * Math.sqrt(share * (1 - share) * total)))
  return fewest((total) => logEvidence(grownEvidence(null, guardrailRatios({ bad: unlucky(total), total }, metric.limit), FIRST_START)) >= Math.log(evidenceLimit(metric)))
}

/** What more requests help: readings come with time, and a service alone is not waited for. */
const isWaitedFor = ({ kind, service }: MetricPolicy): boolean => kind !== "readings" && service === undefined

/** For each step the requests that it needs; readings come with time, so they are left out. */
export function planRequests(policy: JudgePolicy, weights: readonly number[], expected: Readonly<Record<string, number>>, requestsPerMinute: number | null): readonly StepRequests[] {
  const metrics = policy.metrics.filter(isWaitedFor)
  const most = (needed: (metric: MetricPolicy) => number): number => Math.max(...metrics.map(needed))
  const first = most((metric) => requestsToPromote(policy, metric, expected[metric.name] ?? 0))
  const later = most((metric) => requestsOfOneStep(policy, metric, expected[metric.name] ?? 0))
  return weights.map((weightPercent, step) => {
    const canary = step === 0 ? first : later
    const all = Math.ceil((canary * 100) / weightPercent)
    return { weightPercent, canary, all, seconds: requestsPerMinute === null || requestsPerMinute <= 0 ? null : Math.ceil((all * 60) / requestsPerMinute) }
  })
}

/** One line of the plan: `10 %: 205 requests to the canary, 2050 in all, about 5 min at 500 a minute`. */
export function stepRequestsText({ weightPercent, canary, all, seconds }: StepRequests, requestsPerMinute: number | null): string {
  const time = seconds === null ? "no traffic measured yet" : `about ${timeText(seconds)} at ${Math.round(requestsPerMinute ?? 0)} a minute`
  return `${weightPercent} %: ${canary} requests to the canary, ${all} in all, ${time}`
}

/** `52 s`, `18 min`: of a forecast nobody needs the seconds of an hour. */
export function timeText(seconds: number): string {
  return seconds <= 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`
}

/** Fewest requests that are enough: doubled until they are, then halved down. */
function fewest(enough: (total: number) => boolean): number {
  let high = 1
  while (high < MOST && !enough(high)) high *= 2
  let low = high / 2
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (enough(middle)) high = middle
    else low = middle
  }
  return high
}
