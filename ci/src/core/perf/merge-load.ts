import { judgedExpression } from "./k6-summary.js"
import type { K6Metric, K6Summary, K6Group } from "./k6-summary.js"

const PERCENTILES = Array.from({ length: 99 }, (_, index) => index + 1)
/** What the harness prints before its summary where the log is the way back. */
export const SUMMARY_MARK = "delivery-summary "

/** What the runners of one load printed. */
export interface RunnerOutput {
  readonly pod: string
  readonly log: string
}

/** The summary in a runner's log; null when it did not come to its end. */
export function runnerSummary(log: string): K6Summary | null {
  const line = log.split("\n").find((text) => text.startsWith(SUMMARY_MARK))
  if (line === undefined) return null
  try {
    return JSON.parse(line.slice(SUMMARY_MARK.length)) as K6Summary
  } catch {
    return null
  }
}

/**
 * One summary from those of all runners. Counts add up, and so do rates; percentiles come from the mixture of the runners'
 * distributions, each known by its 99 percentiles. The thresholds are judged again: every runner saw only its own part.
 */
export function mergeSummaries(summaries: readonly K6Summary[]): K6Summary {
  const names = [...new Set(summaries.flatMap(({ metrics }) => Object.keys(metrics)))]
  const metrics = names.map((name): [string, K6Metric] => [name, mergeMetric(summaries.flatMap(({ metrics: own }) => own[name] ?? []))])
  const groups = summaries.flatMap(({ root_group: group }) => group ?? [])
  return {
    metrics: Object.fromEntries(metrics),
    ...(groups.length === 0 ? {} : { root_group: mergeGroups(groups) }),
    state: { testRunDurationMs: Math.max(0, ...summaries.map(({ state }) => state.testRunDurationMs)) },
  }
}

function mergeMetric(metrics: readonly K6Metric[]): K6Metric {
  const first = metrics[0] as K6Metric
  const sum = (stat: string): number => metrics.reduce((total, { values }) => total + (values[stat] ?? 0), 0)
  const values = first.type === "trend" ? mergeTrend(metrics) : first.type === "rate" ? mergeRate(sum("passes"), sum("fails")) : first.type === "gauge" ? { value: sum("value"), min: sum("min"), max: sum("max") } : { count: sum("count"), rate: sum("rate") }
  const expressions = [...new Set(metrics.flatMap(({ thresholds }) => Object.keys(thresholds ?? {})))]
  const thresholds = Object.fromEntries(expressions.map((expression) => [expression, { ok: judgedExpression(expression, values) }]))
  return { ...first, values, ...(expressions.length === 0 ? {} : { thresholds }) }
}

const mergeRate = (passes: number, fails: number): Readonly<Record<string, number>> => ({ passes, fails, rate: passes + fails === 0 ? 0 : passes / (passes + fails) })

function mergeTrend(metrics: readonly K6Metric[]): Readonly<Record<string, number>> {
  const parts = metrics.filter(({ values }) => (values["count"] ?? 0) > 0)
  const count = parts.reduce((total, { values }) => total + (values["count"] ?? 0), 0)
  if (count === 0) return { ...metrics[0]?.values, count: 0 }
  const min = Math.min(...parts.map(({ values }) => values["min"] ?? 0))
  const max = Math.max(...parts.map(({ values }) => values["max"] ?? 0))
  const curves = parts.map(({ values }) => ({ weight: (values["count"] ?? 0) / count, points: [values["min"] ?? 0, ...PERCENTILES.map((percent) => values[`p(${percent})`] ?? NaN), values["max"] ?? 0] }))
  const percentile = (percent: number): number => quantile(curves, percent / 100, min, max)
  const avg = parts.reduce((total, { values }) => total + (values["avg"] ?? 0) * (values["count"] ?? 0), 0) / count
  return { count, avg, min, med: percentile(50), max, ...Object.fromEntries([...PERCENTILES, 99.5, 99.9].map((percent) => [`p(${percent})`, percentile(percent)])) }
}

interface Curve {
  readonly weight: number
  /** Percentiles 0 to 100. */
  readonly points: readonly number[]
}

/** The value below which this share of all samples lies, found by halving. */
function quantile(curves: readonly Curve[], share: number, min: number, max: number): number {
  let [low, high] = [min, max]
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2
    if (curves.reduce((sum, curve) => sum + curve.weight * shareUpTo(curve.points, middle), 0) < share) low = middle
    else high = middle
  }
  return high
}

function shareUpTo(points: readonly number[], value: number): number {
  const above = points.findIndex((point) => point > value)
  if (above === -1) return 1
  if (above === 0) return 0
  const [from = 0, to = 0] = [points[above - 1], points[above]]
  return (above - 1 + (value - from) / (to - from)) / 100
}

function mergeGroups(groups: readonly K6Group[]): K6Group {
  const checks = groups.flatMap(({ checks: own }) => own ?? [])
  const children = groups.flatMap(({ groups: own }) => own ?? [])
  const names = [...new Set(children.map(({ name }) => name))]
  return {
    name: groups[0]?.name ?? "",
    checks: [...new Set(checks.map(({ path }) => path))].map((path) => {
      const same = checks.filter((check) => check.path === path)
      return { name: same[0]?.name ?? path, path, passes: same.reduce((sum, { passes }) => sum + passes, 0), fails: same.reduce((sum, { fails }) => sum + fails, 0) }
    }),
    groups: names.map((name) => mergeGroups(children.filter((child) => child.name === name))),
  }
}
