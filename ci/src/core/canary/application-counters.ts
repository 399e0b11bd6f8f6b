import type { CounterSnapshot, TrackCounters } from "./counts.js"
import type { RawSeries } from "./gateway-counters.js"

/** Where the counters of the services themselves are found: for routers that do not tell tracks apart. */
export interface ApplicationPlace {
  readonly namespace: string
  /** Name of the Helm release: a pod is called `<release>-<service>[-<track>]-<hash>-<id>`. */
  readonly release: string
  /** Services whose traffic is split. */
  readonly services: readonly string[]
  /** The track that is judged, and the one that it is held against. */
  readonly track: string
  readonly live: string
  /** Slower answers are slow; must be a bucket of the histogram. */
  readonly latencyMs: number
  /** Name of the histogram, and its label with the status code. */
  readonly histogram: string
  readonly codeLabel: string
}

/** As rare as scrapes may be: the newest sample of this time counts. */
const SCRAPED_WITHIN = "60s"
/** A pod that is scraped through two Services is one pod all the same. */
const SCRAPE_LABELS: readonly string[] = ["job", "service", "endpoint", "instance"]

const trackSuffix = (track: string): string => (track === "stable" ? "" : `-${track}`)

/** Pods of Deployments by their names, which every Prometheus of Kubernetes has as the label `pod`; other labels differ from place to place. */
const podsOf = ({ release, services }: ApplicationPlace, track: string): string => `${release}-(${services.join("|")})${trackSuffix(track)}-[a-z0-9]+-[a-z0-9]+`

/** All counters in one question. Samples and not `increase()`, which does not see the first burst of a new series. */
export function applicationQuery(place: ApplicationPlace): string {
  const { namespace, histogram, latencyMs } = place
  const limit = String(latencyMs / 1000)
  // Python's client writes 1.0 where others write 1.
  const bucket = limit.includes(".") ? limit.replace(".", "\\\\.") : `${limit}|${limit}\\\\.0`
  return `{__name__=~"${histogram}_count|${histogram}_bucket",namespace="${namespace}",pod=~"${podsOf(place, place.live)}|${podsOf(place, place.track)}",le=~"${bucket}|"}[${SCRAPED_WITHIN}]`
}

/** Sorts the series by the track of their pods. What never reaches a pod nobody counts here: `gateway` is empty. */
export function applicationSnapshot(series: readonly RawSeries[], place: ApplicationPlace): CounterSnapshot {
  const atSeconds = Math.max(...series.map(({ values }) => values.at(-1)?.[0] ?? 0), 0)
  return { atSeconds, canary: podCounters(series, place, place.track), stable: podCounters(series, place, place.live), gateway: {} }
}

function podCounters(series: readonly RawSeries[], place: ApplicationPlace, track: string): TrackCounters {
  const pods = new RegExp(`^(?:${podsOf(place, track)})$`)
  const own = (suffix: string): readonly RawSeries[] => series.filter(({ metric }) => metric["__name__"] === `${place.histogram}_${suffix}` && pods.test(metric["pod"] ?? ""))
  const requests = own("count")
  const buckets = own("bucket")
  return {
    requests: onePerPod(requests),
    errors: onePerPod(requests.filter(({ metric }) => metric[place.codeLabel]?.startsWith("5") === true)),
    // Requests without a single bucket: the histogram does not have this limit, and slow answers cannot be told.
    fast: requests.length > 0 && buckets.length === 0 ? null : onePerPod(buckets),
  }
}

function onePerPod(series: readonly RawSeries[]): Readonly<Record<string, number>> {
  const counters: Record<string, { readonly at: number; readonly value: number }> = {}
  for (const { metric, values } of series) {
    const key = JSON.stringify(Object.entries(metric).filter(([label]) => !SCRAPE_LABELS.includes(label)).sort())
    const [at, text] = values.at(-1) ?? [0, "NaN"]
    if (at >= (counters[key]?.at ?? 0)) counters[key] = { at, value: Number(text) }
  }
  return Object.fromEntries(Object.entries(counters).map(([key, { value }]) => [key, value]))
}
