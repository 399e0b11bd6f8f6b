import { DeliveryError, ERROR_CODES } from "../errors.js"
import { covers, DEADLINE_ANNOTATION, RULES_ANNOTATION, splitRules, trackWeights, WITHDRAWN_ANNOTATION, type HttpRoute, type RouteRule } from "./http-route.js"

/** Thrown for an HTTPRoute that cannot be led. */
export class RouteError extends DeliveryError {
  readonly code = ERROR_CODES.internal
}

/** What the cluster is told by server-side apply: with the version that it was made from, so that of two writers the second one reads again. */
export type RouteApply = HttpRoute

/** What belongs to a rollout beside the rules; null is not set. */
export interface RouteMarks {
  readonly deadline: string | null
  readonly withdrawn: string | null
}

export function routeMarks({ metadata: { annotations = {} } }: Pick<HttpRoute, "metadata">): RouteMarks {
  return { deadline: annotations[DEADLINE_ANNOTATION] || null, withdrawn: annotations[WITHDRAWN_ANNOTATION] || null }
}

/** What the chart wants; the live rules where it says nothing, as of a release whose rules Helm still owns. */
export function wishedRules({ metadata, spec }: HttpRoute): readonly RouteRule[] {
  const text = metadata.annotations?.[RULES_ANNOTATION]
  if (text === undefined) return spec.rules ?? []
  try {
    const rules = JSON.parse(text) as readonly RouteRule[]
    if (Array.isArray(rules)) return rules
  } catch {
    // Said below.
  }
  throw new RouteError(`HTTPRoute ${metadata.namespace}/${metadata.name}, annotation ${RULES_ANNOTATION}: expected a JSON list of rules, got ${text.slice(0, 80)}. Let the chart write it, as templates/httproute.yaml of this repository's does.`)
}

/** The route with one track's share of the requests, and none for the others; the rest is the live track's. */
export function weightedRoute(route: HttpRoute, share: { readonly track: string; readonly weightPercent: number }, marks: RouteMarks): RouteApply {
  const rules = splitRules(wishedRules(route), new Map([[share.track, share.weightPercent]]))
  if (share.weightPercent > 0 && !trackWeights({ ...route, spec: { rules } }).has(share.track)) {
    throw new RouteError(`HTTPRoute ${route.metadata.namespace}/${route.metadata.name}: expected a rule that splits to a track ${share.track}, got none; the chart must render the track first`)
  }
  return applied(route, rules, marks)
}

/** Every request to the live track. */
export function withdrawnRoute(route: HttpRoute, marks: RouteMarks): RouteApply {
  return applied(route, splitRules(wishedRules(route), new Map()), marks)
}

/** What the chart wants, with the shares that there are. To take rules over from Helm is the same: whoever has said them too keeps them. */
export function syncedRoute(route: HttpRoute): RouteApply {
  return applied(route, splitRules(wishedRules(route), trackWeights(route)), routeMarks(route))
}

/** Whether the live rules are what the chart wants, but for the shares. */
export function inStep(route: HttpRoute): boolean {
  return covers(route.spec.rules ?? [], syncedRoute(route).spec.rules)
}

function applied({ apiVersion, kind, metadata: { name, namespace, resourceVersion } }: HttpRoute, rules: readonly RouteRule[], { deadline, withdrawn }: RouteMarks): RouteApply {
  const annotations = markAnnotations({ deadline, withdrawn })
  return { apiVersion, kind, metadata: { name, namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }), annotations }, spec: { rules } }
}

export function markAnnotations({ deadline, withdrawn }: RouteMarks): Readonly<Record<string, string>> {
  return { ...(deadline === null ? {} : { [DEADLINE_ANNOTATION]: deadline }), ...(withdrawn === null ? {} : { [WITHDRAWN_ANNOTATION]: withdrawn }) }
}
