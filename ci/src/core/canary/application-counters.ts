import type { RequestMetric } from "../config/strategy.js"
import type { CounterSnapshot, ServiceCounters, TrackCounters } from "./counts.js"
import { bucketLabel, countersOf, newestSecond, parseSample, SCRAPED_WITHIN, scrapeSeconds, type RawSeries } from "./raw-series.js"
import { deploymentName } from "./track-pods.js"

/** A release whose two tracks are counted. */
export interface CountedTracks {
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
}

/** Where the counters of the services themselves are found: for routers that do not tell tracks apart. */
export type ApplicationPlace = CountedTracks & RequestMetric

/** A pod that is scraped through two Services is one pod all the same. */
const SCRAPE_LABELS: readonly string[] = ["job", "service", "endpoint", "instance"]

/** Pods of Deployments by their names, which every Prometheus of Kubernetes has as the label `pod`; other labels differ from place to place. */
const podsOf = ({ release, services }: Pick<ApplicationPlace, "release" | "services">, track: string): string => `${deploymentName(release, `(${services.join("|")})`, track)}-[a-z0-9]+-[a-z0-9]+`

/** All counters in one question. Samples and not `increase()`, which does not see the first burst of a new series. */
export function applicationQuery(place: ApplicationPlace): string {
  const { namespace, histogram, latencyMs } = place
  return `{__name__=~"${histogram}_count|${histogram}_bucket",namespace="${namespace}",pod=~"${podsOf(place, place.live)}|${podsOf(place, place.track)}",le=~"${bucketLabel(latencyMs)}|"}[${SCRAPED_WITHIN}]`
}

/** Sorts the series by the track and the service of their pods. What never reaches a pod nobody counts here: `gateway` is empty. */
export function applicationSnapshot(series: readonly RawSeries[], place: ApplicationPlace): CounterSnapshot {
  const track = (of: string): TrackCounters => Object.fromEntries(place.services.map((service) => [service, podCounters(series, { ...place, services: [service] }, of)]))
  return { atSeconds: newestSecond(series), scrapeSeconds: scrapeSeconds(series), canary: track(place.track), stable: track(place.live), gateway: {} }
}

function podCounters(series: readonly RawSeries[], place: ApplicationPlace, track: string): ServiceCounters {
  const pods = new RegExp(`^(?:${podsOf(place, track)})$`)
  const own = (suffix: string): readonly RawSeries[] => series.filter(({ metric }) => metric["__name__"] === `${place.histogram}_${suffix}` && pods.test(metric["pod"] ?? ""))
  return countersOf({ requests: own("count"), timed: own("count"), inTime: own("bucket") }, place.codeLabel, onePerPod)
}

function onePerPod(series: readonly RawSeries[]): Readonly<Record<string, number>> {
  const counters: Record<string, { readonly at: number; readonly value: number }> = {}
  for (const { metric, values } of series) {
    const key = JSON.stringify(Object.fromEntries(Object.entries(metric).filter(([label]) => !SCRAPE_LABELS.includes(label)).sort()))
    const [at, text] = values.at(-1) ?? [0, "NaN"]
    if (at >= (counters[key]?.at ?? 0)) counters[key] = { at, value: parseSample(text) }
  }
  return Object.fromEntries(Object.entries(counters).map(([key, { value }]) => [key, value]))
}
