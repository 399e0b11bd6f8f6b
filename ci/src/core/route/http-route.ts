/** What a chart wants spec.rules to be, but for the weights; a JSON list on the HTTPRoute, written by Helm. */
export const RULES_ANNOTATION = "delivery.dev/rules"
/** Until when the tracks may keep their share without being renewed, RFC 3339; absent when nobody leads a rollout. */
export const DEADLINE_ANNOTATION = "delivery.dev/canary-deadline"
/** When the dead man's switch has taken the share away. */
export const WITHDRAWN_ANNOTATION = "delivery.dev/canary-withdrawn"
/** Who owns spec.rules and the annotations of a rollout; the API server tells two writers apart by it. */
export const ROUTE_MANAGER = "delivery-canary"

export interface RouteBackend {
  readonly name: string
  readonly port?: number
  readonly weight?: number
}

export interface RouteRule {
  readonly matches?: readonly unknown[]
  readonly backendRefs?: readonly RouteBackend[]
}

export interface HttpRoute {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly resourceVersion?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec: { readonly rules?: readonly RouteRule[] }
}

/** The track of a backend beside its rule's first one, which is the live one: `shop-backend` and `shop-backend-canary`. */
export function trackOf(rule: RouteRule, backend: RouteBackend): string | null {
  const live = rule.backendRefs?.[0]
  return live !== undefined && live !== backend && backend.name.startsWith(`${live.name}-`) ? backend.name.slice(live.name.length + 1) : null
}

/** The share that each track has of the requests, in percent. Where rules differ, the most that it has anywhere: that much can reach users. */
export function trackWeights({ spec }: HttpRoute): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const rule of spec.rules ?? []) {
    const backends = rule.backendRefs ?? []
    const sum = backends.reduce((total, { weight = 1 }) => total + weight, 0)
    for (const backend of backends) {
      const track = trackOf(rule, backend)
      if (track !== null) weights.set(track, Math.max(weights.get(track) ?? 0, sum === 0 ? 0 : ((backend.weight ?? 1) * 100) / sum))
    }
  }
  return weights
}

/** Whether the live rules split the requests as asked in every rule that has the track; false when none has it. */
export function hasWeight({ spec }: HttpRoute, track: string, weightPercent: number): boolean {
  const rules = (spec.rules ?? []).filter((rule) => rule.backendRefs?.some((backend) => trackOf(rule, backend) === track))
  return rules.length > 0 && rules.every((rule) => covers(rule, splitRule(rule, new Map([[track, weightPercent]]))))
}

/** The rules with these shares; what no track has, the live one has. */
export function splitRules(rules: readonly RouteRule[], weights: ReadonlyMap<string, number>): readonly RouteRule[] {
  return rules.map((rule) => splitRule(rule, weights))
}

function splitRule(rule: RouteRule, weights: ReadonlyMap<string, number>): RouteRule {
  const backends = rule.backendRefs ?? []
  if (!backends.some((backend) => trackOf(rule, backend) !== null)) return rule
  const shareOf = (backend: RouteBackend): number => Math.round(weights.get(trackOf(rule, backend) ?? "") ?? 0)
  const others = backends.slice(1).reduce((sum, backend) => sum + shareOf(backend), 0)
  return { ...rule, backendRefs: backends.map((backend, index) => ({ ...backend, weight: index === 0 ? Math.max(0, 100 - others) : shareOf(backend) })) }
}

/** Whether `live` says all that `wished` says; an API server adds defaults of its own. */
export function covers(live: unknown, wished: unknown): boolean {
  if (Array.isArray(wished)) return Array.isArray(live) && live.length === wished.length && wished.every((item, index) => covers(live[index], item))
  if (typeof wished !== "object" || wished === null) return live === wished
  if (typeof live !== "object" || live === null) return false
  return Object.entries(wished).every(([key, value]) => covers((live as Record<string, unknown>)[key], value))
}
