import type { IntervalCounts } from "./counts.js"
import { addRatios, comparisonRatios, guardrailRatios, NO_EVIDENCE, NO_TALLY, type LogRatios, type Tally } from "./evidence.js"
import type { JudgePolicy, MetricPolicy } from "./policy.js"

/** What one metric has shown in one step. */
export interface MetricStep {
  readonly canary: Tally
  readonly stable: Tally
  readonly guardrail: LogRatios
  readonly comparison: LogRatios
  /** Evidence that stable breaks its SLO too. */
  readonly stableGuardrail: LogRatios
}

/** Everything that the judge knows: sums alone, so that it can be kept in the cluster and taken up anywhere. */
export interface JudgeState {
  readonly steps: readonly Readonly<Record<string, MetricStep>>[]
}

/** What was seen in one interval. */
export interface CanarySample {
  readonly counts: IntervalCounts
  /** Of each custom query: whether its answer lay in its range; null when it had none. */
  readonly readings: Readonly<Record<string, boolean | null>>
  /** The canary's requests were made by us: they say nothing about its share beside stable. */
  readonly synthetic: boolean
}

export const NEW_JUDGE: JudgeState = { steps: [] }

export const EMPTY_METRIC: MetricStep = {
  canary: NO_TALLY,
  stable: NO_TALLY,
  guardrail: NO_EVIDENCE,
  comparison: NO_EVIDENCE,
  stableGuardrail: NO_EVIDENCE,
}

/** Opens a step: evidence counts from its start too. */
export function withStep({ steps }: JudgeState): JudgeState {
  return { steps: [...steps, {}] }
}

/** Adds an interval to the newest step. */
export function withSample(policy: JudgePolicy, { steps }: JudgeState, sample: CanarySample): JudgeState {
  const newest = steps.at(-1) ?? {}
  const step = Object.fromEntries(policy.metrics.map((metric) => [metric.name, addSample(metric, newest[metric.name] ?? EMPTY_METRIC, sample)]))
  return { steps: [...steps.slice(0, -1), step] }
}

function addSample(metric: MetricPolicy, before: MetricStep, sample: CanarySample): MetricStep {
  const canary = metricTally(metric, "canary", sample)
  const stable = metric.kind === "readings" ? NO_TALLY : metricTally(metric, "stable", sample)
  const comparison = sample.synthetic ? NO_EVIDENCE : comparisonRatios(canary, stable)
  return {
    canary: addTally(before.canary, canary),
    stable: addTally(before.stable, stable),
    guardrail: addRatios(before.guardrail, guardrailRatios(canary, metric.limit)),
    comparison: addRatios(before.comparison, comparison),
    stableGuardrail: addRatios(before.stableGuardrail, guardrailRatios(stable, metric.limit)),
  }
}

function metricTally(metric: MetricPolicy, track: "canary" | "stable", { counts: all, readings }: CanarySample): Tally {
  if (metric.kind === "readings") {
    const inRange = readings[metric.name] ?? null
    return inRange === null ? NO_TALLY : { bad: inRange ? 0 : 1, total: 1 }
  }
  const counts = metric.service === undefined ? all[track] : all.services[metric.service]?.[track]
  if (counts === undefined) return NO_TALLY
  if (metric.kind === "errors") return { bad: counts.errors, total: counts.requests }
  return counts.slow === null ? NO_TALLY : { bad: counts.slow, total: counts.requests }
}

export function addTally(one: Tally, other: Tally): Tally {
  return { bad: one.bad + other.bad, total: one.total + other.total }
}
