import { readK6Summary, type K6Metrics } from "./load-k6-summary.js"

/** One threshold of a load test. */
export interface JudgedThreshold {
  readonly metric: string
  readonly expression: string
  readonly state: "kept" | "crossed" | "without samples"
  /** What was measured, for people. */
  readonly values: string
}

export interface LoadSummary {
  readonly thresholds: readonly JudgedThreshold[]
  readonly requests: number
}

interface Latency {
  readonly p95Milliseconds: number | null
}

/** What the scenarios under perf/ write; null stands where k6 had no sample. */
interface ScenarioSummary {
  readonly schemaVersion: 1
  readonly requests: number
  readonly errorRate: number | null
  readonly checksRate: number | null
  readonly latency: Latency
  readonly operations: Readonly<Record<string, { readonly latency: Latency }>>
  readonly thresholds: readonly { readonly metric: string; readonly expression: string; readonly passed: boolean }[]
}

/** Reads the scenarios' summary or one of k6's own; null when it is neither. */
export function readLoadSummary(text: string): LoadSummary | null {
  const summary = parseSummary(text)
  if (summary === null) return null
  if ("metrics" in summary) return readK6Summary(summary.metrics)
  const thresholds = summary.thresholds.map(({ metric, expression, passed }): JudgedThreshold => {
    const value = measured(summary, metric)
    const state = !passed ? "crossed" : value === null ? "without samples" : "kept"
    return { metric, expression, state, values: value === null ? "no samples" : String(value) }
  })
  return { thresholds, requests: summary.requests }
}

/** What a threshold was judged on; null without samples. Counters are their own measurement. */
function measured(summary: ScenarioSummary, metric: string): number | string | null {
  const operation = /^http_req_duration\{operation:(.+)\}$/.exec(metric)?.[1]
  if (operation !== undefined) return describeLatency(summary.operations[operation]?.latency)
  switch (metric) {
    case "http_req_duration":
      return describeLatency(summary.latency)
    case "http_req_failed":
      return summary.errorRate
    case "checks":
      return summary.checksRate
    default:
      return "see the summary"
  }
}

function describeLatency(latency: Latency | undefined): string | null {
  const value = latency?.p95Milliseconds ?? null
  return value === null ? null : `p95 ${value.toFixed(1)} ms`
}

function parseSummary(text: string): ScenarioSummary | { readonly metrics: K6Metrics } | null {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    // Not JSON: the caller says so.
    return null
  }
  if (typeof data !== "object" || data === null) return null
  if ("metrics" in data && typeof data.metrics === "object" && data.metrics !== null) return data as { readonly metrics: K6Metrics }
  const isOurs = "schemaVersion" in data && data.schemaVersion === 1 && "thresholds" in data && Array.isArray(data.thresholds)
  return isOurs ? (data as unknown as ScenarioSummary) : null
}
