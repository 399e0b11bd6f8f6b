import type { IntervalCounts } from "./counts.js"
import { addRatios, comparisonRatios, grownEvidence, guardrailRatios, NO_EVIDENCE, NO_TALLY, startWeight, type Evidence, type LogRatios, type Tally } from "./evidence.js"
import type { JudgePolicy, MetricPolicy } from "./policy.js"

/** What one metric has shown in one step. */
export interface MetricStep {
  readonly canary: Tally
  readonly stable: Tally
  /** Evidence that stable breaks its SLO too. */
  readonly stableGuardrail: LogRatios
}

/** What has been weighed of one metric over all looks: against its limit, and against stable. */
export interface MetricEvidence {
  readonly guardrail: Evidence
  readonly comparison: Evidence
}

/** Everything that the judge knows: sums alone, so that it can be kept in the cluster and taken up anywhere. */
export interface JudgeState {
  readonly looks: number
  readonly steps: readonly Readonly<Record<string, MetricStep>>[]
  readonly evidence: Readonly<Record<string, MetricEvidence>>
}

/** What was seen in one interval. */
export interface CanarySample {
  readonly counts: IntervalCounts
  /** Of each custom query: whether its answer lay in its range; null when it had none. */
  readonly readings: Readonly<Record<string, boolean | null>>
  /** The canary's requests were made by us: they say nothing about its share beside stable. */
  readonly synthetic: boolean
}

export const NEW_JUDGE: JudgeState = { looks: 0, steps: [], evidence: {} }
export const NO_METRIC_EVIDENCE: MetricEvidence = { guardrail: null, comparison: null }

export const EMPTY_METRIC: MetricStep = { canary: NO_TALLY, stable: NO_TALLY, stableGuardrail: NO_EVIDENCE }

/** Opens a step: evidence counts from its start too. */
export function withStep(state: JudgeState): JudgeState {
  return { ...state, steps: [...state.steps, {}] }
}

/** Adds an interval to the newest step. */
export function withSample(policy: JudgePolicy, { looks, steps, evidence }: JudgeState, sample: CanarySample): JudgeState {
  const newest = steps.at(-1) ?? {}
  const weight = startWeight({ look: looks, step: steps.length - 1, opensStep: Object.keys(newest).length === 0, plannedSteps: policy.plannedSteps })
  const added = policy.metrics.map((metric) => addSample(metric, newest[metric.name] ?? EMPTY_METRIC, evidence[metric.name] ?? NO_METRIC_EVIDENCE, sample, weight))
  const named = <Value>(value: (index: number) => Value): Readonly<Record<string, Value>> => Object.fromEntries(policy.metrics.map(({ name }, index) => [name, value(index)]))
  return {
    looks: looks + 1,
    steps: [...steps.slice(0, -1), named((index) => added[index]?.step ?? EMPTY_METRIC)],
    evidence: named((index) => added[index]?.evidence ?? NO_METRIC_EVIDENCE),
  }
}

function addSample(metric: MetricPolicy, before: MetricStep, evidence: MetricEvidence, sample: CanarySample, weight: number): { readonly step: MetricStep; readonly evidence: MetricEvidence } {
  const canary = metricTally(metric, "canary", sample)
  const stable = metric.kind === "readings" ? NO_TALLY : metricTally(metric, "stable", sample)
  const comparison = sample.synthetic ? NO_EVIDENCE : comparisonRatios(canary, stable)
  return {
    step: { canary: addTally(before.canary, canary), stable: addTally(before.stable, stable), stableGuardrail: addRatios(before.stableGuardrail, guardrailRatios(stable, metric.limit)) },
    evidence: { guardrail: grownEvidence(evidence.guardrail, guardrailRatios(canary, metric.limit), weight), comparison: grownEvidence(evidence.comparison, comparison, weight) },
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
