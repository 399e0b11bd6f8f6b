import { markAnnotations, type RouteMarks } from "./route-change.js"
import { appliedHead, marksOf, type CarrierObject, type WeightCarrier } from "./weight-carrier.js"

/** Share of the requests that ingress-nginx sends to the Services of an Ingress with `canary: "true"`; nobody but the canary program writes it. */
export const NGINX_WEIGHT = "nginx.ingress.kubernetes.io/canary-weight"

/** Said with each rollout that rests on it. */
export const NGINX_LEGACY =
  "router nginx is a legacy adapter: ingress-nginx was retired and archived in March 2026 and gets no security fixes any more. Move the environment to a Gateway (router: gateway)"

/** Missing, as of an Ingress that Helm has just made: ingress-nginx takes it for 0. */
const weightOf = ({ metadata }: CarrierObject): string => metadata.annotations?.[NGINX_WEIGHT] ?? "0"

function appliedWeight(ingress: CarrierObject, weight: string, marks: RouteMarks): CarrierObject {
  const head = appliedHead(ingress)
  return { ...head, metadata: { ...head.metadata, annotations: { ...markAnnotations(marks), [NGINX_WEIGHT]: weight } } }
}

/**
 * The Ingress of a track, `<release>-<track>`, beside that of the release. Annotations have an owner each, so Helm and the canary program write the same
 * object and never the same key: there are no rules to take over, and the weight goes when the track does.
 */
export const INGRESS_CARRIER: WeightCarrier = {
  kind: "Ingress",
  apiVersion: "networking.k8s.io/v1",
  plural: "ingresses",
  mayBeAbsent: true,
  weighted: (ingress, { weightPercent }, marks) => appliedWeight(ingress, String(Math.round(weightPercent)), marks),
  withdrawn: (ingress, marks) => appliedWeight(ingress, "0", marks),
  synced: (ingress) => appliedWeight(ingress, weightOf(ingress), marksOf(ingress)),
  inStep: () => true,
}
