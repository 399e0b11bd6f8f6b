import { highestShare, lowestShare } from "./confidence.js"
import { logEvidence, logEvidenceOf, NO_TALLY, type Tally } from "./evidence.js"
import { addTally, EMPTY_METRIC, NO_METRIC_EVIDENCE, type JudgeState, type MetricStep } from "./judge-state.js"
import { describeMetric, summarizeJudgement } from "./judge-words.js"
import { evidenceLimit, type JudgePolicy, type MetricPolicy } from "./policy.js"

export type CanaryVerdict = "failed" | "inconclusive" | "passed"

/** Why a metric stands where it stands. */
export type MetricCause =
  | "over-limit"
  | "worse-than-stable"
  | "stable-broken-too"
  | "no-data"
  /** There were requests, and nothing says how long they took. */
  | "not-measured"
  | "suspicious"
  | "too-few-requests"
  | "too-few-in-this-step"
  | "good-enough"
  /** Of one service alone: nothing speaks against it, and more is not asked for. */
  | "unsuspicious"

/** One metric's verdict with every number that it rests on. */
export interface MetricJudgement {
  readonly name: string
  readonly verdict: CanaryVerdict
  readonly cause: MetricCause
  readonly canary: Tally
  readonly stable: Tally
  /** Odds against chance: over `evidenceLimit` they mean "worse". */
  readonly guardrail: number
  readonly comparison: number
  readonly evidenceLimit: number
  /** The highest share that remains possible for the canary. */
  readonly highest: number
  /** What that must lie below before the canary gets more traffic. */
  readonly promotionLimit: number
  readonly text: string
}

export interface Judgement {
  readonly verdict: CanaryVerdict
  readonly metrics: readonly MetricJudgement[]
  /** One sentence with numbers, limits and the chance of a false alarm. */
  readonly reason: string
}

/** Evidence below the limit of an abort, but too much for a promotion. */
const SUSPICION = 5

/** What all counts so far say: `passed` means that the step has shown enough. */
export function judgeCanary(policy: JudgePolicy, state: JudgeState): Judgement {
  const metrics = policy.metrics.map((metric) => judgeMetric(policy, metric, state))
  const verdict = (["failed", "inconclusive"] as const).find((one) => metrics.some((metric) => metric.verdict === one)) ?? "passed"
  return { verdict, metrics, reason: summarizeJudgement(policy, verdict, metrics) }
}

function judgeMetric(policy: JudgePolicy, metric: MetricPolicy, state: JudgeState): MetricJudgement {
  const steps = state.steps.map((step) => step[metric.name] ?? EMPTY_METRIC)
  const evidence = state.evidence[metric.name] ?? NO_METRIC_EVIDENCE
  const canary = steps.reduce((sum, step) => addTally(sum, step.canary), NO_TALLY)
  const stable = steps.reduce((sum, step) => addTally(sum, step.stable), NO_TALLY)
  // Each of the two bounds may be wrong in half of the cases that the promotion may be wrong in.
  const doubt = policy.falsePromotionRate / 2
  const numbers = {
    name: metric.name,
    canary,
    stable,
    guardrail: Math.exp(logEvidence(evidence.guardrail)),
    comparison: Math.exp(logEvidence(evidence.comparison)),
    evidenceLimit: evidenceLimit(metric),
    highest: highestShare(canary, doubt, metric.limit),
    promotionLimit: Math.min(metric.limit, lowestShare(stable, doubt, metric.limit)) + metric.margin,
  }
  const limits = metric.kind === "readings" ? { ...numbers, promotionLimit: metric.limit + metric.margin } : numbers
  const cause = metricCause(policy, metric, limits, steps.at(-1) ?? EMPTY_METRIC, state.steps.at(-1)?.["errors"]?.canary.total ?? 0)
  const judged = { ...limits, cause, verdict: VERDICT_OF_CAUSE[cause] }
  return { ...judged, text: describeMetric(metric, judged) }
}

const VERDICT_OF_CAUSE: Readonly<Record<MetricCause, CanaryVerdict>> = {
  "over-limit": "failed",
  "worse-than-stable": "failed",
  "stable-broken-too": "inconclusive",
  "no-data": "inconclusive",
  "not-measured": "inconclusive",
  suspicious: "inconclusive",
  "too-few-requests": "inconclusive",
  "too-few-in-this-step": "inconclusive",
  "good-enough": "passed",
  unsuspicious: "passed",
}

type MetricNumbers = Omit<MetricJudgement, "verdict" | "cause" | "text">

/** `asked`: requests that the canary has answered in this step. */
function metricCause(policy: JudgePolicy, metric: MetricPolicy, numbers: MetricNumbers, step: MetricStep, asked: number): MetricCause {
  if (numbers.comparison >= numbers.evidenceLimit) return "worse-than-stable"
  if (numbers.guardrail >= numbers.evidenceLimit) {
    return stableBreaksToo(metric, numbers, step) ? "stable-broken-too" : "over-limit"
  }
  if (metric.service === undefined && step.canary.total === 0) return asked > 0 && metric.kind === "slow" ? "not-measured" : "no-data"
  if (metric.service !== undefined && metric.kind === "errors" && numbers.canary.total === 0) return "no-data"
  if (Math.max(numbers.comparison, numbers.guardrail) >= SUSPICION) return "suspicious"
  if (metric.service !== undefined) return "unsuspicious"
  if (numbers.highest >= numbers.promotionLimit) return "too-few-requests"
  return highestShare(step.canary, policy.stepDoubt, metric.limit) >= numbers.promotionLimit ? "too-few-in-this-step" : "good-enough"
}

/**
 * Only what stable shows in this very step excuses the canary: at 100 % it shows nothing. In an outage of both the canary
 * may be the first over the limit, so no proof is asked of stable where it is plainly over it and about as bad.
 */
function stableBreaksToo({ limit }: MetricPolicy, { evidenceLimit: enough }: MetricNumbers, { canary, stable, stableGuardrail }: MetricStep): boolean {
  if (logEvidenceOf(stableGuardrail) >= Math.log(enough)) return true
  if (stable.total === 0) return false
  const share = stable.bad / stable.total
  return share >= 2 * limit && share >= canary.bad / canary.total / 2
}
