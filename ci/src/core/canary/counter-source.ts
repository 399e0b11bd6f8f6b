import type { RequestMetric, TrafficRouter } from "../config/strategy.js"
import { applicationQuery, applicationSnapshot, type CountedTracks } from "./application-counters.js"
import type { CounterSnapshot } from "./counts.js"
import { gatewayQuery, gatewaySnapshot } from "./gateway-counters.js"
import { nginxQuery, nginxSnapshot } from "./nginx-counters.js"
import type { RawSeries } from "./raw-series.js"
import { deploymentName } from "./track-pods.js"

/** One question to Prometheus for all counters, and how to read the answer. */
export interface CounterSource {
  readonly query: string
  /** `before`: the snapshot before this one, for what must not fall below it. */
  readonly snapshot: (series: readonly RawSeries[], before: CounterSnapshot | null) => CounterSnapshot
}

const DEFAULT_REQUEST_METRIC: RequestMetric = { histogram: "http_request_duration_seconds", codeLabel: "code" }

export interface CountedRelease extends CountedTracks {
  readonly router: TrafficRouter
  /** All services that users reach, on whatever track. */
  readonly routed: readonly string[]
  /** Null: what the router counts, where it tells tracks apart. */
  readonly requestMetric: RequestMetric | null
}

/** Who counts what the tracks answer: the router where it tells them apart, else, or where delivery.yaml says so, the services themselves; never one of each. */
export function counterSource({ router, namespace, release, services, routed, track, live, latencyMs, requestMetric }: CountedRelease): CounterSource {
  if (router === "replicas" || requestMetric !== null) {
    const place = { namespace, release, services, track, live, latencyMs, ...(requestMetric ?? DEFAULT_REQUEST_METRIC) }
    return { query: applicationQuery(place), snapshot: (series) => applicationSnapshot(series, place) }
  }
  const names = services.map((service) => [service, { stable: deploymentName(release, service, "stable"), canary: deploymentName(release, service, track) }] as const)
  const place = { namespace, route: release, services: Object.fromEntries(names), others: routed.filter((service) => !services.includes(service)).map((service) => deploymentName(release, service, "stable")), latencyMs }
  if (router === "nginx") return { query: nginxQuery(place), snapshot: (series) => nginxSnapshot(series, place) }
  return { query: gatewayQuery(place), snapshot: (series, before) => gatewaySnapshot(series, place, before) }
}
