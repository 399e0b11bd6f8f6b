/** What is counted of the requests, besides the readings of custom queries. */
export type CanaryMetricKind = "errors" | "slow" | "readings"

/** How one metric is judged. */
export interface MetricPolicy {
  readonly name: string
  readonly kind: CanaryMetricKind
  /** Of this service's answers alone; left out: of all. Such a metric can end a rollout, and is not waited for. */
  readonly service?: string
  /** Share that may go wrong: the SLO. */
  readonly limit: number
  /** A canary that is worse than stable, or than the limit, by this much must not be promoted. */
  readonly margin: number
  /** Chance of a false alarm that this metric may use up, over all looks of a rollout. */
  readonly falseAlarm: number
}

export interface JudgePolicy {
  readonly metrics: readonly MetricPolicy[]
  /** Chance that a healthy release is aborted, over all looks, steps and metrics. */
  readonly falseAbortRate: number
  /** Chance that a release that is worse by the margin is promoted. */
  readonly falsePromotionRate: number
  /** Evidence is counted from the first look of each of them too. */
  readonly plannedSteps: number
  /** The same chance for the requests of one step alone, which may rest on fewer of them. */
  readonly stepDoubt: number
}

/** What delivery.yaml says about the judge. */
export interface JudgeSettings {
  readonly slo: { readonly errorRate: number; readonly slowRate: number }
  /** In points of a hundred. */
  readonly marginPoints: number
  readonly falseAbortRate: number
  readonly queries: readonly string[]
  /** Whose traffic is split, where it is more than one service: each is judged alone too, for among the answers of all a small one's faults are few. */
  readonly services?: readonly string[]
  readonly plannedSteps: number
}

/** One reading in twenty may lie outside of its range; where half of them do, the range is broken. */
const READINGS = { limit: 0.05, margin: 0.45 }

/** Errors weigh as much as two others: most faults show there first. */
const ERROR_WEIGHT = 2

export const FALSE_PROMOTION_RATE = 1e-5
const STEP_DOUBT = 0.005

/**
 * One chance of a false alarm, divided over all metrics, so that a tenth query makes the first no surer to abort. All services share a part that is
 * as large as a query's.
 */
export function judgePolicy({ slo, marginPoints, falseAbortRate, queries, services = [], plannedSteps }: JudgeSettings): JudgePolicy {
  const alone = services.length > 1 ? services : []
  const part = falseAbortRate / (ERROR_WEIGHT + 1 + queries.length + (alone.length > 0 ? 1 : 0))
  const margin = marginPoints / 100
  const errors = { kind: "errors", limit: slo.errorRate, margin } as const
  const latency = { kind: "slow", limit: slo.slowRate, margin } as const
  const ofService = { falseAlarm: part / (2 * alone.length) }
  return {
    metrics: [
      { name: "errors", ...errors, falseAlarm: ERROR_WEIGHT * part },
      { name: "latency", ...latency, falseAlarm: part },
      ...queries.map((name): MetricPolicy => ({ name, kind: "readings", ...READINGS, falseAlarm: part })),
      ...alone.flatMap((service): MetricPolicy[] => [
        { name: `errors of ${service}`, service, ...errors, ...ofService },
        { name: `latency of ${service}`, service, ...latency, ...ofService },
      ]),
    ],
    falseAbortRate,
    falsePromotionRate: FALSE_PROMOTION_RATE,
    plannedSteps,
    stepDoubt: STEP_DOUBT,
  }
}

/** Evidence from which on a test says "worse": guardrail and comparison share a metric's chance; readings have the first alone. */
export function evidenceLimit({ kind, falseAlarm }: MetricPolicy): number {
  return (kind === "readings" ? 1 : 2) / falseAlarm
}
