import type { JudgedThreshold, LoadCheck, LoadMetric } from "./load-numbers.js"

/** What k6 hands to `handleSummary`, as far as it is used here. */
export interface K6Summary {
  readonly metrics: Readonly<Record<string, K6Metric>>
  readonly root_group?: K6Group
  readonly state: { readonly testRunDurationMs: number }
}
export interface K6Metric {
  readonly type: string
  readonly contains?: string
  readonly values: Readonly<Record<string, number>>
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>
}
export interface K6Group {
  readonly name: string
  readonly checks?: readonly { readonly name: string; readonly path: string; readonly passes: number; readonly fails: number }[]
  readonly groups?: readonly K6Group[]
}

/** Null when it is not what k6 writes. */
export function parseK6Summary(text: string | null): K6Summary | null {
  if (text === null) return null
  try {
    const data = JSON.parse(text) as Partial<K6Summary> | null
    return typeof data?.metrics === "object" && typeof data.state?.testRunDurationMs === "number" ? (data as K6Summary) : null
  } catch {
    return null
  }
}

/** k6 leaves all numbers of a metric at zero when nothing was measured; here it has none then. */
export function metricOf({ metrics }: K6Summary, name: string): LoadMetric | null {
  const metric = metrics[name]
  return metric === undefined || !wasMeasured(metric) ? null : metric.values
}

/** A counter at zero is itself the measurement. */
function wasMeasured({ type, values }: K6Metric): boolean {
  if (type === "rate") return (values["passes"] ?? 0) + (values["fails"] ?? 0) > 0
  return type !== "trend" || (values["count"] ?? 0) > 0
}

export const counterOf = (summary: K6Summary, name: string): number => metricOf(summary, name)?.["count"] ?? 0

const EXPRESSION = /^(?<stat>[a-z]+(?:\([0-9.]+\))?)\s*(?<operator><=|>=|==|!=|<|>)\s*(?<limit>[0-9.]+)$/

/** Every threshold with the value that it was judged on, as k6 did: its own word decides. */
export function judgedThresholds(summary: K6Summary): readonly JudgedThreshold[] {
  return Object.entries(summary.metrics)
    .flatMap(([metric, measured]) =>
      Object.entries(measured.thresholds ?? {}).map(([expression, { ok }]): JudgedThreshold => {
        const { stat = "", limit = "" } = EXPRESSION.exec(expression.replaceAll(" ", ""))?.groups ?? {}
        const value = wasMeasured(measured) ? (measured.values[stat] ?? null) : null
        const unit = measured.contains === "time" ? "ms" : measured.type === "rate" ? "share" : "count"
        const state = !ok ? "crossed" : wasMeasured(measured) ? "kept" : "without samples"
        return { metric, expression, stat, limit: limit === "" ? null : Number(limit), value, unit, state }
      }),
    )
    .sort((left, right) => (left.metric < right.metric ? -1 : left.metric > right.metric ? 1 : 0))
}

/** Judges a threshold on numbers that k6 has not judged: those of several machines together. Without samples it is kept, as k6 does. */
export function judgedExpression(expression: string, values: Readonly<Record<string, number>>): boolean {
  const { stat = "", operator = "", limit = "" } = EXPRESSION.exec(expression.replaceAll(" ", ""))?.groups ?? {}
  const value = values[stat]
  if (value === undefined || values["count"] === 0 && stat !== "count") return true
  const bound = Number(limit)
  return operator === "<" ? value < bound : operator === "<=" ? value <= bound : operator === ">" ? value > bound : operator === ">=" ? value >= bound : operator === "==" ? value === bound : value !== bound
}

export function checksOf(summary: K6Summary): readonly LoadCheck[] {
  const inGroup = (group: K6Group | undefined): readonly LoadCheck[] =>
    group === undefined ? [] : [...(group.checks ?? []).map(({ path, passes, fails }) => ({ name: path.replace(/^::/, "").replaceAll("::", " › "), passes, fails })), ...(group.groups ?? []).flatMap(inGroup)]
  return inGroup(summary.root_group)
}
