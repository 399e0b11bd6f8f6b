import { DEADLINE_ANNOTATION, type HttpRoute } from "./http-route.js"
import { inStep, routeMarks, syncedRoute, weightedRoute, withdrawnRoute, type RouteMarks } from "./route-change.js"

/** An object of the cluster that carries the weight of a track, as far as that needs to know it. */
export type CarrierObject = Pick<HttpRoute, "apiVersion" | "kind" | "metadata"> & { readonly spec?: unknown }

export interface TrackShare {
  readonly track: string
  readonly weightPercent: number
}

/** Who carries the weight of a track. Each answers with what is to be applied, made from the object as it was read. */
export interface WeightCarrier {
  readonly kind: "HTTPRoute" | "Ingress" | "Service"
  readonly apiVersion: string
  readonly plural: string
  /** Not there while no track is: then there is nothing to keep, and nothing is wrong. */
  readonly mayBeAbsent: boolean
  /** The track's share, and the rest for the live one. */
  readonly weighted: (object: CarrierObject, share: TrackShare, marks: RouteMarks) => CarrierObject
  /** Everything for the live track. */
  readonly withdrawn: (object: CarrierObject, marks: RouteMarks) => CarrierObject
  /** What the chart wants, with the shares that there are. */
  readonly synced: (object: CarrierObject) => CarrierObject
  readonly inStep: (object: CarrierObject) => boolean
}

export const ROUTE_CARRIER: WeightCarrier = {
  kind: "HTTPRoute",
  apiVersion: "gateway.networking.k8s.io/v1",
  plural: "httproutes",
  mayBeAbsent: false,
  weighted: (object, share, marks) => weightedRoute(object as HttpRoute, share, marks),
  withdrawn: (object, marks) => withdrawnRoute(object as HttpRoute, marks),
  synced: (object) => syncedRoute(object as HttpRoute),
  inStep: (object) => inStep(object as HttpRoute),
}

/** Path of an object in the API; `/api/v1` is the one group without a name. */
export function carrierPath({ apiVersion, plural }: WeightCarrier, { namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}/namespaces/${namespace}/${plural}/${name}`
}

/** The weight as it is, with the deadline renewed: a switch that has taken the traffic away is not overruled. */
export function renewed(carrier: WeightCarrier, object: CarrierObject, deadline: string): CarrierObject {
  const synced = carrier.synced(object)
  return { ...synced, metadata: { ...synced.metadata, annotations: { ...synced.metadata.annotations, [DEADLINE_ANNOTATION]: deadline } } }
}

/** What is applied of an object besides its weight. */
export function appliedHead({ apiVersion, kind, metadata: { name, namespace, resourceVersion } }: CarrierObject): CarrierObject {
  return { apiVersion, kind, metadata: { name, namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }) } }
}

export const marksOf = (object: CarrierObject): RouteMarks => routeMarks(object)
