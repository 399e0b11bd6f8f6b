import type { Tally } from "./evidence.js"
import type { CanaryVerdict, MetricJudgement } from "./judge.js"
import type { JudgePolicy, MetricPolicy } from "./policy.js"

/** `5.6 %`, with as many digits as a small share needs. */
export function percentText(share: number): string {
  const percent = share * 100
  if (percent === 0) return "0 %"
  return `${percent >= 10 ? percent.toFixed(0) : percent >= 1 ? percent.toFixed(1) : percent.toPrecision(2)} %`
}

/** `17 of 300 (5.7 %)`. */
export function tallyText({ bad, total }: Tally): string {
  return total === 0 ? "none of 0" : `${bad} of ${total} (${percentText(bad / total)})`
}

const WHAT_IS_COUNTED: Readonly<Record<MetricPolicy["kind"], { readonly bad: string; readonly unit: string }>> = {
  errors: { bad: "errors", unit: "requests" },
  slow: { bad: "slow answers", unit: "requests" },
  readings: { bad: "readings out of range", unit: "readings" },
}

/** One metric in a sentence: counts, the limit, the evidence and what it would have taken. */
export function describeMetric(metric: MetricPolicy, judged: Omit<MetricJudgement, "text">): string {
  const { bad, unit } = WHAT_IS_COUNTED[metric.kind]
  const beside = judged.stable.total > 0 ? `, stable ${tallyText(judged.stable)}` : ""
  const counts = `${metric.name}: canary ${tallyText(judged.canary)} ${bad}${beside}`
  const limit = `limit ${percentText(metric.limit)}`
  const odds = (evidence: number): string => `evidence ${oddsText(evidence)} to 1, limit ${oddsText(judged.evidenceLimit)} to 1`
  switch (judged.cause) {
    case "over-limit":
      return `${counts}, ${limit}: over the limit (${odds(judged.guardrail)})`
    case "worse-than-stable":
      return `${counts}: worse than stable (${odds(judged.comparison)})`
    case "stable-broken-too":
      return `${counts}, ${limit}: stable breaks it too, so nothing shows that this release is the cause`
    case "not-measured":
      return `${metric.name}: not measured: there is no histogram of the times, or it has no bucket at the limit (slo.latencyMs)`
    case "no-data":
      if (metric.service !== undefined) return `${metric.name}: nobody has asked the canary of ${metric.service} for anything, and no data is not a pass`
      return `${counts}: no ${unit} of the canary in this step, and no data is not a pass`
    case "suspicious":
      return `${counts}, ${limit}: not yet told from chance (${odds(Math.max(judged.guardrail, judged.comparison))})`
    case "too-few-requests":
      return `${counts}: up to ${percentText(judged.highest)} remains possible, must be below ${percentText(judged.promotionLimit)}; needs more ${unit}`
    case "too-few-in-this-step":
      return `${counts}: enough in all, needs more ${unit} in this step`
    case "unsuspicious":
      return `${counts}, ${limit}: nothing speaks against it`
    case "good-enough":
      return `${counts}, ${limit}: at most ${percentText(judged.highest)}, below ${percentText(judged.promotionLimit)}`
  }
}

/** The verdict in a sentence, with what it may be wrong by. */
export function summarizeJudgement(policy: JudgePolicy, verdict: CanaryVerdict, metrics: readonly MetricJudgement[]): string {
  const deciding = metrics.filter((metric) => metric.verdict === verdict && metric.cause !== "unsuspicious").map((metric) => metric.text)
  return `${deciding.join("; ")} (${CHANCE[verdict](policy)})`
}

const CHANCE: Readonly<Record<CanaryVerdict, (policy: JudgePolicy) => string>> = {
  failed: ({ falseAbortRate }) => `chance of a false alarm over the whole rollout: at most ${percentText(falseAbortRate)}`,
  inconclusive: () => "not enough evidence in either direction",
  passed: ({ falsePromotionRate }) => `chance that a release worse by the margin gets here: at most ${percentText(falsePromotionRate)}`,
}

function oddsText(odds: number): string {
  if (odds >= 1e6) return "over a million"
  return odds >= 10 ? Math.round(odds).toString() : odds.toPrecision(2)
}
