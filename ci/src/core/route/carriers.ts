import type { TrafficRouter } from "../config/strategy.js"
import { INGRESS_CARRIER } from "./canary-ingress.js"
import { SERVICE_CARRIER } from "./service-selector.js"
import { ROUTE_CARRIER, type WeightCarrier } from "./weight-carrier.js"

/** Who carries the weight, by what delivery.yaml calls it. */
export const CARRIERS: Readonly<Record<TrafficRouter, WeightCarrier>> = { gateway: ROUTE_CARRIER, nginx: INGRESS_CARRIER, replicas: SERVICE_CARRIER }

/** Names of the objects that carry the weight of a track in a release. */
export function carrierNames(router: TrafficRouter, release: string, track: string, services: readonly string[]): readonly string[] {
  if (router === "gateway") return [release]
  return router === "nginx" ? [`${release}-${track}`] : services.map((service) => `${release}-${service}`)
}

export function carrierOfKind(kind: string): WeightCarrier {
  const found = Object.values(CARRIERS).find((carrier) => carrier.kind === kind)
  if (found === undefined) throw new Error(`expected one of ${Object.values(CARRIERS).map((carrier) => carrier.kind).join(", ")}, got ${kind}`)
  return found
}
