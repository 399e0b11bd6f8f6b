import type { TrackCounters } from "./counts.js"

/** A series with its samples of the last minute, as Prometheus answers to a range selector. */
export interface RawSeries {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [number, string])[]
}

type ReadSamples = (series: readonly RawSeries[]) => Readonly<Record<string, number>>

/** The counters of one track, out of its series of requests and of its histogram's bucket; `codeLabel` has the status code, or its class. */
export function countersOf(requests: readonly RawSeries[], buckets: readonly RawSeries[], codeLabel: string, samples: ReadSamples = newestSamples): TrackCounters {
  return {
    requests: samples(requests),
    errors: samples(requests.filter(({ metric }) => metric[codeLabel]?.startsWith("5") === true)),
    // Requests without a single bucket: the histogram does not have this limit, and slow answers cannot be told.
    fast: requests.length > 0 && buckets.length === 0 ? null : samples(buckets),
  }
}

/** The newest sample of each series. */
export function newestSamples(series: readonly RawSeries[]): Readonly<Record<string, number>> {
  return Object.fromEntries(series.map(({ metric, values }) => [JSON.stringify(metric), parseSample(values.at(-1)?.[1] ?? "NaN")]))
}

/** When the newest of all samples was taken, in seconds since 1970; 0 for none. */
export const newestSecond = (series: readonly RawSeries[]): number => Math.max(...series.map(({ values }) => values.at(-1)?.[0] ?? 0), 0)

export const parseSample = (text: string): number => (text === "+Inf" ? Infinity : text === "-Inf" ? -Infinity : Number(text))
