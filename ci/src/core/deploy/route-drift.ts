import { covers, DEADLINE_ANNOTATION, RULES_ANNOTATION, splitRules, trackWeights, type HttpRoute } from "../route/http-route.js"
import { NGINX_WEIGHT } from "../route/canary-ingress.js"
import { wishedRules } from "../route/route-change.js"
import { SELECTOR_ANNOTATION, SERVICE_CARRIER } from "../route/service-selector.js"
import type { CarrierObject } from "../route/weight-carrier.js"
import { canonicalJson, objectKey, type KubeObject } from "./kube-object.js"
import type { FieldChange, ObjectChange } from "./object-diff.js"

/**
 * What Helm's dry run cannot see: what carries the weights that the canary program writes. `recorded` are the shares that it
 * wrote down; a route with a deadline is being led at this moment, and its weights are nobody's drift.
 */
export function routeDrift(live: readonly KubeObject[], recorded: ReadonlyMap<string, number>): readonly ObjectChange[] {
  const led = live.filter(({ metadata }) => metadata.annotations?.[DEADLINE_ANNOTATION] === undefined)
  return led.flatMap((object): ObjectChange[] => {
    const changes = carrierChanges(object, recorded)
    return changes.length === 0 ? [] : [{ key: objectKey(object), action: "change", changes }]
  })
}

function carrierChanges(object: KubeObject, recorded: ReadonlyMap<string, number>): readonly FieldChange[] {
  const annotations = object.metadata.annotations ?? {}
  if (object.kind === "HTTPRoute" && annotations[RULES_ANNOTATION] !== undefined) return routeChanges(object as unknown as HttpRoute, recorded)
  if (object.kind === "Service" && annotations[SELECTOR_ANNOTATION] !== undefined) return selectorChanges(object)
  const weight = object.kind === "Ingress" ? (annotations[NGINX_WEIGHT] ?? "0") : "0"
  return weight === "0" ? [] : [{ path: `metadata.annotations.${NGINX_WEIGHT}`, before: weight, after: "0" }]
}

/** Nobody leads a rollout, so nothing but the live track may be selected. */
function selectorChanges(service: KubeObject): readonly FieldChange[] {
  const selectorOf = (object: object): unknown => (object as { readonly spec?: { readonly selector?: unknown } }).spec?.selector ?? {}
  const [before, after] = [selectorOf(service), selectorOf(SERVICE_CARRIER.withdrawn(service as unknown as CarrierObject, { deadline: null, withdrawn: null }))]
  return canonicalJson(before) === canonicalJson(after) ? [] : [{ path: "spec.selector", before, after }]
}

function routeChanges(route: HttpRoute, recorded: ReadonlyMap<string, number>): readonly FieldChange[] {
  const live = trackWeights(route)
  const tracks = [...new Set([...live.keys(), ...recorded.keys()])]
  const moved = tracks.filter((track) => Math.round(live.get(track) ?? 0) !== Math.round(recorded.get(track) ?? 0))
  const weights = moved.map((track): FieldChange => ({ path: `share of track ${track}, in percent`, before: Math.round(live.get(track) ?? 0), after: Math.round(recorded.get(track) ?? 0) }))
  // With the shares as they are: a moved weight is told once.
  const wished = splitRules(wishedRules(route), live)
  return covers(route.spec.rules ?? [], wished) ? weights : [...weights, { path: "spec.rules", before: route.spec.rules, after: wished }]
}

/** The objects with what was found of their routes besides. */
export function withRoutes(objects: readonly ObjectChange[], routes: readonly ObjectChange[]): readonly ObjectChange[] {
  return objects.map((object) => {
    const route = routes.find(({ key }) => key === object.key)
    return route === undefined ? object : { ...object, action: object.action === "keep" ? "change" : object.action, changes: [...object.changes, ...route.changes] }
  })
}
