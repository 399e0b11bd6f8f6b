import type { CounterSnapshot, TrackCounters } from "./counts.js"
import type { GatewayPlace } from "./gateway-counters.js"
import { countersOf, newestSecond, type RawSeries } from "./raw-series.js"

const NGINX_REQUESTS = "nginx_ingress_controller_requests"
const NGINX_DURATIONS = "nginx_ingress_controller_request_duration_seconds_bucket"
const NGINX_WINDOW = "60s"

/** What ingress-nginx calls a Service that an Ingress of a canary leads to, in its label `canary`. */
const upstreamOf = (namespace: string, service: string): string => `${namespace}-${service}-80`

/**
 * All counters in one question. `ingress` and `service` are those of the first Ingress also for what its canary answers: only the label `canary` tells
 * them apart. Where Prometheus keeps its own `namespace` and `service`, those of the controller are called `exported_…`, so they are sorted afterwards.
 */
export function nginxQuery({ route, latencyMs }: GatewayPlace): string {
  const limit = String(latencyMs / 1000).replace(".", "\\\\.")
  return `{__name__=~"${NGINX_REQUESTS}|${NGINX_DURATIONS}",ingress="${route}",le=~"${limit}|"}[${NGINX_WINDOW}]`
}

/**
 * Sorts the series by version. The controller counts every answer as it logs it, its own 503 too, so nothing is left to be added; for a canary without
 * an endpoint it asks stable, which shows as a share of 0.
 */
export function nginxSnapshot(series: readonly RawSeries[], { namespace, stable, canary }: GatewayPlace): CounterSnapshot {
  const own = series.filter(({ metric }) => (metric["exported_namespace"] ?? metric["namespace"]) === namespace)
  const upstreams = canary.map((service) => upstreamOf(namespace, service))
  const ofCanary = own.filter(({ metric }) => upstreams.includes(metric["canary"] ?? ""))
  const ofStable = own.filter(({ metric }) => (metric["canary"] ?? "") === "" && stable.includes(metric["exported_service"] ?? metric["service"] ?? ""))
  return { atSeconds: newestSecond(own), canary: nginxTrack(ofCanary), stable: nginxTrack(ofStable), gateway: {} }
}

function nginxTrack(series: readonly RawSeries[]): TrackCounters {
  const named = (name: string): readonly RawSeries[] => series.filter(({ metric }) => metric["__name__"] === name)
  // A class, 5xx, where the controller is told to report those.
  return countersOf(named(NGINX_REQUESTS), named(NGINX_DURATIONS), "status")
}
