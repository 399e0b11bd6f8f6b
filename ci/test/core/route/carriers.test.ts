import { describe, expect, it } from "vitest"
import { INGRESS_CARRIER, NGINX_WEIGHT } from "../../../src/core/route/canary-ingress.js"
import { carrierNames, carrierOfKind, CARRIERS } from "../../../src/core/route/carriers.js"
import { SELECTOR_ANNOTATION, SERVICE_CARRIER } from "../../../src/core/route/service-selector.js"
import { switchDecision } from "../../../src/core/route/switch-decision.js"
import { carrierPath, renewed, type CarrierObject } from "../../../src/core/route/weight-carrier.js"

const LIVE = { "app.kubernetes.io/instance": "shop", "app.kubernetes.io/component": "web", "delivery.dev/track": "stable" }
const { "delivery.dev/track": _, ...BOTH } = LIVE
const CANARY = { ...BOTH, "delivery.dev/track": "canary" }
const NO_MARKS = { deadline: null, withdrawn: null }
const ARMED = { deadline: "2026-11-23T19:01:00Z", withdrawn: null }
const NOW = "2026-11-23T19:00:00.000Z"

function service(selector: Record<string, string> | undefined, tracks: readonly string[] | null = ["canary"], annotations: Record<string, string> = {}): CarrierObject {
  const wished: Record<string, string> = tracks === null ? {} : { [SELECTOR_ANNOTATION]: JSON.stringify({ live: LIVE, tracks }) }
  return { apiVersion: "v1", kind: "Service", metadata: { name: "shop-web", namespace: "shop-prod", resourceVersion: "7", annotations: { ...wished, ...annotations } }, spec: selector === undefined ? {} : { selector } }
}
const at = (weightPercent: number): CarrierObject => SERVICE_CARRIER.weighted(service(LIVE), { track: "canary", weightPercent }, weightPercent === 0 ? NO_MARKS : ARMED)

describe("a Service whose pods carry the weight", () => {
  it("selects the live track at 0, both in between, the new one alone at 100", () => {
    expect([at(0), at(25), at(100)].map(({ spec }) => spec)).toEqual([{ selector: LIVE }, { selector: BOTH }, { selector: CANARY }])
  })

  it("is written on the object that was read, and says nothing besides", () => {
    expect(at(25)).toEqual({ apiVersion: "v1", kind: "Service", metadata: { name: "shop-web", namespace: "shop-prod", resourceVersion: "7", annotations: { "delivery.dev/canary-deadline": "2026-11-23T19:01:00Z" } }, spec: { selector: BOTH } })
  })

  it("does not select a track that the chart has not rendered", () => {
    expect(() => SERVICE_CARRIER.weighted(service(LIVE, []), { track: "canary", weightPercent: 25 }, NO_MARKS)).toThrow(/Service shop-prod\/shop-web: expected a track canary in its annotation delivery\.dev\/selector, got none/)
    expect(() => SERVICE_CARRIER.synced(service(LIVE, null, { [SELECTOR_ANNOTATION]: "web" }))).toThrow(/expected \{"live": \{…\}, "tracks": \[…\]\}, got web/)
  })

  it.each<[string, CarrierObject, object]>([
    ["that Helm has just made without one", service(undefined), LIVE],
    ["in mid-canary, after another Helm", service(BOTH), BOTH],
    ["with everything on the canary", service(CANARY), CANARY],
    ["whose track is gone", service(BOTH, []), LIVE],
    ["that selects a track that is gone", service(CANARY, []), LIVE],
    ["that was Helm's until now", service(LIVE, null), LIVE],
  ])("keeps its selector as far as there are tracks for it: one %s", (_name, object, selector) => {
    expect(SERVICE_CARRIER.synced(object).spec).toEqual({ selector })
  })

  it("is left alone while it is as it should be, and not a label wider", () => {
    expect([service(LIVE), service(BOTH), service(CANARY)].map(SERVICE_CARRIER.inStep)).toEqual([true, true, true])
    expect([service(BOTH, []), service(undefined), service({ ...LIVE, extra: "1" })].map(SERVICE_CARRIER.inStep)).toEqual([false, false, false])
  })

  it("goes back to the live track when nobody renews the deadline", () => {
    const overdue = service(BOTH, ["canary"], { "delivery.dev/canary-deadline": "2026-11-23T18:59:59Z" })
    const decision = switchDecision(overdue, NOW, SERVICE_CARRIER)
    expect(decision).toMatchObject({ kind: "withdraw", apply: { spec: { selector: LIVE }, metadata: { annotations: { "delivery.dev/canary-withdrawn": NOW } } } })
    expect(switchDecision(service(BOTH, ["canary"], { "delivery.dev/canary-deadline": "2026-11-23T19:00:30Z" }), NOW, SERVICE_CARRIER)).toEqual({ kind: "nothing" })
    expect(switchDecision(service(undefined), NOW, SERVICE_CARRIER)).toMatchObject({ kind: "sync", apply: { spec: { selector: LIVE } } })
  })

  it("is renewed without another weight", () => {
    expect(renewed(SERVICE_CARRIER, service(BOTH), "2026-11-23T19:02:00Z")).toMatchObject({ spec: { selector: BOTH }, metadata: { annotations: { "delivery.dev/canary-deadline": "2026-11-23T19:02:00Z" } } })
  })
})

describe("an Ingress of a track, by the annotations of ingress-nginx", () => {
  const ingress = (annotations: Record<string, string> = {}): CarrierObject => ({ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "shop-canary", namespace: "shop-prod", resourceVersion: "7", annotations: { "nginx.ingress.kubernetes.io/canary": "true", ...annotations } }, spec: { rules: [] } })

  it("has its weight and its deadline in one write, and nothing of Helm's in it", () => {
    expect(INGRESS_CARRIER.weighted(ingress(), { track: "canary", weightPercent: 25 }, ARMED)).toEqual({
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "shop-canary", namespace: "shop-prod", resourceVersion: "7", annotations: { "delivery.dev/canary-deadline": "2026-11-23T19:01:00Z", [NGINX_WEIGHT]: "25" } },
    })
  })

  it("keeps its weight when it is renewed, and has none before it was given one", () => {
    expect(renewed(INGRESS_CARRIER, ingress({ [NGINX_WEIGHT]: "50" }), "x").metadata.annotations?.[NGINX_WEIGHT]).toBe("50")
    expect(INGRESS_CARRIER.synced(ingress()).metadata.annotations).toEqual({ [NGINX_WEIGHT]: "0" })
    expect(INGRESS_CARRIER.inStep(ingress())).toBe(true)
  })

  it("loses it when nobody renews the deadline", () => {
    const overdue = ingress({ [NGINX_WEIGHT]: "50", "delivery.dev/canary-deadline": "2026-11-23T18:59:59Z" })
    expect(switchDecision(overdue, NOW, INGRESS_CARRIER)).toMatchObject({ kind: "withdraw", apply: { metadata: { annotations: { [NGINX_WEIGHT]: "0", "delivery.dev/canary-withdrawn": NOW } } } })
  })
})

describe("who carries the weight", () => {
  it("is one object for all services, or one for each", () => {
    const names = (router: keyof typeof CARRIERS): readonly string[] => carrierNames(router, "shop", "canary", ["web", "api"])
    expect([names("gateway"), names("nginx"), names("replicas")]).toEqual([["shop"], ["shop-canary"], ["shop-web", "shop-api"]])
  })

  it("is found where the API server has it", () => {
    const place = { namespace: "shop-prod", name: "shop" }
    expect(Object.values(CARRIERS).map((carrier) => carrierPath(carrier, place))).toEqual([
      "/apis/gateway.networking.k8s.io/v1/namespaces/shop-prod/httproutes/shop",
      "/apis/networking.k8s.io/v1/namespaces/shop-prod/ingresses/shop",
      "/api/v1/namespaces/shop-prod/services/shop",
    ])
    expect(carrierOfKind("Service")).toBe(SERVICE_CARRIER)
    expect(() => carrierOfKind("Gateway")).toThrow(/expected one of HTTPRoute, Ingress, Service, got Gateway/)
  })
})
