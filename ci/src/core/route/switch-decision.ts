import { routeMarks } from "./route-change.js"
import { ROUTE_CARRIER, type CarrierObject, type WeightCarrier } from "./weight-carrier.js"

/** What the dead man's switch does after a look at what carries the weight. */
export type SwitchDecision =
  | { readonly kind: "nothing" }
  | { readonly kind: "sync" | "withdraw"; readonly apply: CarrierObject; readonly reason: string }

const UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/

/** `now`: RFC 3339 in UTC, by the clock of the API server, for that is the one by which the deadline was set. */
export function switchDecision(object: CarrierObject, now: string, carrier: WeightCarrier = ROUTE_CARRIER): SwitchDecision {
  const { deadline } = routeMarks(object)
  // A deadline that cannot be read protects nobody.
  if (deadline !== null && (!UTC.test(deadline) || wholeSeconds(deadline) <= wholeSeconds(now))) {
    const reason = UTC.test(deadline) ? `nobody has renewed the deadline ${deadline}; it is ${now}` : `the deadline "${deadline}" is no time in UTC`
    return { kind: "withdraw", apply: carrier.withdrawn(object, { deadline: null, withdrawn: now }), reason }
  }
  if (carrier.inStep(object)) return { kind: "nothing" }
  return { kind: "sync", apply: carrier.synced(object), reason: "the chart wants other rules than there are" }
}

/** Texts of one form sort as their times do. */
const wholeSeconds = (time: string): string => time.slice(0, 19)
