import type { CounterSnapshot, ServiceCounters, TrackCounters } from "./counts.js"
import type { GatewayPlace } from "./gateway-counters.js"
import { bucketLabel, countersOf, newestSecond, SCRAPED_WITHIN, scrapeSeconds, splitBuckets, type RawSeries } from "./raw-series.js"

const NGINX_REQUESTS = "nginx_ingress_controller_requests"
const NGINX_DURATIONS = "nginx_ingress_controller_request_duration_seconds_bucket"

/** What ingress-nginx calls a Service that an Ingress of a canary leads to, in its label `canary`. */
const upstreamOf = (namespace: string, service: string): string => `${namespace}-${service}-80`

/**
 * All counters in one question. `ingress` and `service` are those of the first Ingress also for what its canary answers: only the label `canary` tells
 * them apart. Where Prometheus keeps its own `namespace` and `service`, those of the controller are called `exported_…`, so they are sorted afterwards.
 */
export function nginxQuery({ route, latencyMs }: GatewayPlace): string {
  return `{__name__=~"${NGINX_REQUESTS}|${NGINX_DURATIONS}",ingress="${route}",le=~"${bucketLabel(latencyMs)}|[+]Inf|"}[${SCRAPED_WITHIN}]`
}

/**
 * Sorts the series by version. The controller counts every answer as it logs it, its own 503 too, so nothing is left to be added; for a canary without
 * an endpoint it asks stable, which shows as a share of 0.
 */
export function nginxSnapshot(series: readonly RawSeries[], { namespace, services }: GatewayPlace): CounterSnapshot {
  const own = series.filter(({ metric }) => (metric["exported_namespace"] ?? metric["namespace"]) === namespace)
  const track = (isOf: (metric: RawSeries["metric"], names: { readonly stable: string; readonly canary: string }) => boolean): TrackCounters =>
    Object.fromEntries(Object.entries(services).map(([name, names]) => [name, nginxService(own.filter(({ metric }) => isOf(metric, names)))]))
  return {
    atSeconds: newestSecond(own),
    scrapeSeconds: scrapeSeconds(own),
    canary: track((metric, { canary }) => metric["canary"] === upstreamOf(namespace, canary)),
    stable: track((metric, { stable }) => (metric["canary"] ?? "") === "" && (metric["exported_service"] ?? metric["service"]) === stable),
    gateway: {},
  }
}

function nginxService(series: readonly RawSeries[]): ServiceCounters {
  const named = (name: string): readonly RawSeries[] => series.filter(({ metric }) => metric["__name__"] === name)
  const [timed, inTime] = splitBuckets(named(NGINX_DURATIONS))
  // A class, 5xx, where the controller is told to report those.
  return countersOf({ requests: named(NGINX_REQUESTS), timed, inTime }, "status")
}
