import type { HttpRoute } from "./http-route.js"
import { inStep, routeMarks, syncedRoute, withdrawnRoute, type RouteApply } from "./route-change.js"

/** What the dead man's switch does after a look at the route. */
export type SwitchDecision =
  | { readonly kind: "nothing" }
  | { readonly kind: "sync" | "withdraw"; readonly apply: RouteApply; readonly reason: string }

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

/** `now`: RFC 3339 in UTC, by the clock of the API server, for that is the one by which the deadline was set. */
export function switchDecision(route: HttpRoute, now: string): SwitchDecision {
  const { deadline } = routeMarks(route)
  // A deadline that cannot be read protects nobody.
  if (deadline !== null && (!UTC.test(deadline) || wholeSeconds(deadline) <= wholeSeconds(now))) {
    const reason = UTC.test(deadline) ? `nobody has renewed the deadline ${deadline}; it is ${now}` : `the deadline "${deadline}" is no time in UTC`
    return { kind: "withdraw", apply: withdrawnRoute(route, { deadline: null, withdrawn: now }), reason }
  }
  if (inStep(route)) return { kind: "nothing" }
  return { kind: "sync", apply: syncedRoute(route), reason: "the chart wants other rules than there are" }
}

/** Texts of one form sort as their times do. */
const wholeSeconds = (time: string): string => time.slice(0, 19)
