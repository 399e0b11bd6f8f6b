import type { JudgedThreshold, LoadSummary } from "./load-summary.js"

interface K6Metric {
  readonly type?: string
  /** Shape of `handleSummary`; `--summary-export` has the numbers beside `thresholds`. */
  readonly values?: Readonly<Record<string, number>>
  readonly thresholds?: Readonly<Record<string, boolean | { readonly ok: boolean }>>
}

export type K6Metrics = Readonly<Record<string, K6Metric>>

/** The thresholds of k6's own summary, in either of its two shapes. */
export function readK6Summary(metrics: K6Metrics): LoadSummary {
  const thresholds = Object.entries(metrics).flatMap(([metric, measured]) =>
    Object.entries(measured.thresholds ?? {}).map(([expression, result]): JudgedThreshold => {
      // `--summary-export` writes whether a threshold was crossed, `handleSummary` whether it is kept.
      const kept = typeof result === "boolean" ? !result : result.ok
      const numbers = numbersOf(measured)
      const state = !kept ? "crossed" : hasSamples(numbers) ? "kept" : "without samples"
      return { metric, expression, state, values: describeNumbers(numbers) }
    }),
  )
  const requests = metrics["http_reqs"]
  return { thresholds, requests: requests === undefined ? 0 : (numbersOf(requests)["count"] ?? 0) }
}

function numbersOf(metric: K6Metric): Readonly<Record<string, number>> {
  const source: Readonly<Record<string, unknown>> = metric.values ?? { ...metric }
  return Object.fromEntries(Object.entries(source).filter((entry): entry is [string, number] => typeof entry[1] === "number"))
}

/** k6 leaves all numbers of a metric at zero when nothing was measured; a rate has its two counts. */
function hasSamples(numbers: Readonly<Record<string, number>>): boolean {
  const { passes, fails, count, avg } = numbers
  if (passes !== undefined && fails !== undefined) return passes + fails > 0
  // A counter at zero is itself the measurement: `dropped_iterations count==0`.
  if (count !== undefined && avg === undefined) return true
  return Object.values(numbers).some((value) => value !== 0)
}

function describeNumbers(numbers: Readonly<Record<string, number>>): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${name}=${Number.isInteger(value) ? value : value.toFixed(2)}`)
    .join(" ")
}
