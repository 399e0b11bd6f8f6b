import type { ServiceCounters, Series, TimedAnswers } from "./counts.js"

/** Scrapes are rarer than looks in some places, a minute apart by Prometheus' default: the newest sample of this time counts. */
export const SCRAPED_WITHIN = "150s"

/** A series with its newest samples, as Prometheus answers to a range selector. */
export interface RawSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [number, string])[]
}

/** Which series a service's counters are read from. */
export interface VersionSeries {
  readonly requests: readonly RawSeries[]
  /** The same histogram's count of all its answers, and of those within the limit. */
  readonly timed: readonly RawSeries[]
  readonly inTime: readonly RawSeries[]
}

type ReadSamples = (series: readonly RawSeries[]) => Series

/** The counters of one version of a service, out of its series; `codeLabel` has the status code, or its class. */
export function countersOf({ requests, timed, inTime }: VersionSeries, codeLabel: string, samples: ReadSamples = newestSamples): ServiceCounters {
  const errors = samples(requests.filter(({ metric }) => metric[codeLabel]?.startsWith("5") === true))
  // Requests without a single bucket: the histogram does not have this limit, and slow answers cannot be told.
  const times = requests.length > 0 && inTime.length === 0 ? null : timesOf(samples(timed.map(ofHistogram)), samples(inTime.map(ofHistogram)))
  return { requests: samples(requests), errors, times }
}

/** Of a histogram's buckets the one with everything, and the other ones. */
export function splitBuckets(buckets: readonly RawSeries[]): readonly [all: readonly RawSeries[], within: readonly RawSeries[]] {
  const isAll = ({ metric }: RawSeries): boolean => metric["le"] === "+Inf"
  return [buckets.filter(isAll), buckets.filter((bucket) => !isAll(bucket))]
}

/** Series of one histogram differ by these alone. */
function ofHistogram({ metric, values }: RawSeries): RawSeries {
  const { __name__: _name, le: _limit, ...labels } = metric
  return { metric: labels, values }
}

function timesOf(all: Series, fast: Series): Readonly<Record<string, TimedAnswers>> {
  return Object.fromEntries(Object.entries(all).flatMap(([series, count]) => (fast[series] === undefined ? [] : [[series, { all: count, fast: fast[series] }]])))
}

/** The newest sample of each series. */
export function newestSamples(series: readonly RawSeries[]): Series {
  return Object.fromEntries(series.map(({ metric, values }) => [JSON.stringify(metric), parseSample(values.at(-1)?.[1] ?? "NaN")]))
}

/** When the newest of all samples was taken, in seconds since 1970; 0 for none. */
export const newestSecond = (series: readonly RawSeries[]): number => Math.max(...series.map(({ values }) => values.at(-1)?.[0] ?? 0), 0)

/** A limit in milliseconds as the label `le` may have it: Python's client and Prometheus 3 write 1.0 where others write 1. For a regular expression in a query. */
export function bucketLabel(latencyMs: number): string {
  const limit = String(latencyMs / 1000)
  return limit.includes(".") ? limit.replace(".", "[.]") : `${limit}|${limit}[.]0`
}

/** How far apart scrapes are, by the series that has it shortest; null where no series has two samples yet. */
export function scrapeSeconds(series: readonly RawSeries[]): number | null {
  const gaps = series.flatMap(({ values }) => (values.length < 2 ? [] : [(values.at(-1)?.[0] ?? 0) - (values.at(-2)?.[0] ?? 0)])).filter((gap) => gap > 0)
  return gaps.length === 0 ? null : Math.min(...gaps)
}

export const parseSample = (text: string): number => (text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text))
