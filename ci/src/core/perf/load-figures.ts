import { counterOf, metricOf, type K6Summary } from "./k6-summary.js"
import type { LoadFigures, LoadLatency, OperationResult } from "./load-result.js"
import type { LoadSeries } from "./recording.js"

const OPERATION = /^http_req_duration\{operation:([^}]+)\}$/

/** The numbers of the summary; of the recording when there is no summary, because the test was broken off. */
export function loadFigures(summary: K6Summary | null, series: LoadSeries): LoadFigures | null {
  if (summary === null) return recordedFigures(series)
  const seconds = summary.state.testRunDurationMs / 1000
  const requests = counterOf(summary, "http_reqs")
  const latency = metricOf(summary, "http_req_duration")
  return {
    seconds,
    requests,
    requestsPerSecond: seconds === 0 ? 0 : requests / seconds,
    iterations: counterOf(summary, "iterations"),
    droppedIterations: counterOf(summary, "dropped_iterations"),
    errorRate: metricOf(summary, "http_req_failed")?.["rate"] ?? null,
    checksRate: metricOf(summary, "checks")?.["rate"] ?? null,
    maximumUsers: metricOf(summary, "vus_max")?.["max"] ?? 0,
    latency: latencyOf(summary, "http_req_duration"),
    percentiles: latency === null ? [] : Array.from({ length: 99 }, (_, index) => latency[`p(${index + 1})`] ?? NaN).filter((value) => !Number.isNaN(value)),
  }
}

function recordedFigures({ totals, seconds, points }: LoadSeries): LoadFigures | null {
  if (totals === null) return null
  return {
    seconds,
    requests: totals.requests,
    requestsPerSecond: seconds === 0 ? 0 : totals.requests / seconds,
    iterations: totals.iterations,
    droppedIterations: points.reduce((sum, { dropped }) => sum + dropped, 0),
    errorRate: totals.errorRate,
    checksRate: null,
    maximumUsers: Math.max(0, ...points.map(({ users }) => users ?? 0)),
    latency: { p50Milliseconds: null, p95Milliseconds: totals.p95Milliseconds, p99Milliseconds: null, maxMilliseconds: null },
    percentiles: [],
  }
}

/** The operations that the script names by tag and limit. */
export function operationResults(summary: K6Summary): readonly OperationResult[] {
  return Object.keys(summary.metrics).flatMap((metric) => {
    const operation = OPERATION.exec(metric)?.[1]
    if (operation === undefined) return []
    return [{ operation, requests: counterOf(summary, `http_reqs{operation:${operation}}`), latency: latencyOf(summary, metric) }]
  })
}

function latencyOf(summary: K6Summary, metric: string): LoadLatency {
  const values = metricOf(summary, metric)
  return { p50Milliseconds: values?.["med"] ?? null, p95Milliseconds: values?.["p(95)"] ?? null, p99Milliseconds: values?.["p(99)"] ?? null, maxMilliseconds: values?.["max"] ?? null }
}
