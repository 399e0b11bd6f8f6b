import { highestShare } from "./confidence.js"
import { guardrailRatios, logEvidence } from "./evidence.js"
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

/** Requests within which the guardrail alone catches a canary that goes wrong at `share`, in 95 of 100 cases. */
export function requestsToCatch(metric: MetricPolicy, share: number): number {
  const unlucky = (total: number): number => Math.max(0, Math.floor(share * total - 1.645 * Math.sqrt(share * (1 - share) * total)))
  return fewest((total) => logEvidence([guardrailRatios({ bad: unlucky(total), total }, metric.limit)]) >= Math.log(evidenceLimit(metric)))
}

/** For each step the requests that it needs; readings come with time, so they are left out. */
export function planRequests(policy: JudgePolicy, weights: readonly number[], expected: Readonly<Record<string, number>>, requestsPerMinute: number | null): readonly StepRequests[] {
  const metrics = policy.metrics.filter((metric) => metric.kind !== "readings")
  const most = (needed: (metric: MetricPolicy) => number): number => Math.max(...metrics.map(needed))
  const first = most((metric) => requestsToPromote(policy, metric, expected[metric.name] ?? 0))
  const later = most((metric) => requestsOfOneStep(policy, metric, expected[metric.name] ?? 0))
  return weights.map((weightPercent, step) => {
    const canary = step === 0 ? first : later
    const all = Math.ceil((canary * 100) / weightPercent)
    return { weightPercent, canary, all, seconds: requestsPerMinute === null || requestsPerMinute <= 0 ? null : Math.ceil((all * 60) / requestsPerMinute) }
  })
}

/** One line of the plan: `10 %: 205 requests to the canary, 2050 in all, about 246 s at 500 a minute`. */
export function stepRequestsText({ weightPercent, canary, all, seconds }: StepRequests, requestsPerMinute: number | null): string {
  const time = seconds === null ? "no traffic measured yet" : `about ${seconds} s at ${Math.round(requestsPerMinute ?? 0)} a minute`
  return `${weightPercent} %: ${canary} requests to the canary, ${all} in all, ${time}`
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
