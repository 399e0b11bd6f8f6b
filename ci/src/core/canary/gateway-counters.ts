import type { CounterSnapshot, ServiceCounters, TrackCounters } from "./counts.js"
import { bucketLabel, countersOf, newestSamples, newestSecond, SCRAPED_WITHIN, scrapeSeconds, splitBuckets, type RawSeries } from "./raw-series.js"

/** Where the gateway's counters of a release are found. */
export interface GatewayPlace {
  readonly namespace: string
  /** Name of the HTTPRoute. */
  readonly route: string
  /** By service: its Kubernetes Services with the traffic of today and of the new track, beside each other. */
  readonly services: Readonly<Record<string, { readonly stable: string; readonly canary: string }>>
  /** Kubernetes Services that the route leads to besides: their own 503s are not the gateway's. */
  readonly others: readonly string[]
  /** Slower answers are slow; must be a bucket of the gateway's histogram. */
  readonly latencyMs: number
}

const REQUESTS = "traefik_service_requests_total"
const DURATIONS = "traefik_service_request_duration_seconds_bucket"
const ROUTED = "traefik_router_requests_total"
/** Labels of the routers of one route; without the `-gw-` those of `shop-admin` would count for `shop` too. */
export const routersOf = (namespace: string, route: string): string => `httproute-${namespace}-${route}-gw-.*`
/** Is there while the gateway is, also when nobody has asked for anything since it began. */
const ALIVE = "traefik_config_reloads_total"

const serviceLabel = ({ namespace }: GatewayPlace, service: string): string => `${namespace}-${service}-http-80@kubernetesgateway`

/**
 * All counters in one question, so that they are of the same scrape. Samples and not `increase()`, which does not see the
 * first burst of a new series; Traefik's names, for it is the gateway here and on the lasting cluster.
 */
export function gatewayQuery(place: GatewayPlace): string {
  const tracks = (["stable", "canary"] as const).flatMap((of) => Object.values(place.services).map((names) => names[of]))
  const services = [...tracks, ...place.others].map((service) => serviceLabel(place, service))
  const routers = routersOf(place.namespace, place.route)
  return `{__name__=~"${REQUESTS}|${DURATIONS}|${ROUTED}|${ALIVE}",service=~"${[...services, routers].join("|")}|",le=~"${bucketLabel(place.latencyMs)}|[+]Inf|"}[${SCRAPED_WITHIN}]`
}

/** Sorts the series by version and service. `before`: the snapshot before this one, which what is reckoned must not fall below. */
export function gatewaySnapshot(series: readonly RawSeries[], place: GatewayPlace, before: CounterSnapshot | null): CounterSnapshot {
  const track = (of: "stable" | "canary"): TrackCounters => Object.fromEntries(Object.entries(place.services).map(([name, names]) => [name, serviceSeries(series, serviceLabel(place, names[of]))]))
  return { atSeconds: newestSecond(series), scrapeSeconds: scrapeSeconds(series), canary: track("canary"), stable: track("stable"), gateway: unserved(series, before?.gateway ?? {}) }
}

function serviceSeries(series: readonly RawSeries[], service: string): ServiceCounters {
  const own = (name: string): readonly RawSeries[] => series.filter(({ metric }) => metric["__name__"] === name && metric["service"] === service)
  const [timed, inTime] = splitBuckets(own(DURATIONS))
  return countersOf({ requests: own(REQUESTS), timed, inTime }, "code")
}

/**
 * 503s of the router that no service has counted: there was no endpoint to send the request to. The two counters of one
 * request are not added to at the same moment, so the difference may fall for a scrape; that is no reset.
 */
function unserved(series: readonly RawSeries[], before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const of503 = series.filter(({ metric }) => metric["code"] === "503")
  const instances = new Set(of503.map(({ metric }) => metric["instance"] ?? ""))
  return Object.fromEntries(
    [...instances].flatMap((instance): [string, number][] => {
      const sum = (name: string): number => Object.values(newestSamples(of503.filter(({ metric }) => metric["__name__"] === name && (metric["instance"] ?? "") === instance))).reduce((all, value) => all + value, 0)
      const routed = sum(ROUTED)
      const own = Math.max(0, routed - sum(REQUESTS))
      const key = `gateway ${instance}`
      const earlier = before[key] ?? 0
      // Falls below everything that was routed before: then the gateway itself began anew.
      return [[key, own < earlier && routed >= earlier ? earlier : own]]
    }),
  )
}
