import { describe, expect, it } from "vitest"
import fc from "fast-check"
import { hasWeight, RULES_ANNOTATION, trackWeights, type HttpRoute, type RouteRule } from "../../../src/core/route/http-route.js"
import { inStep, RouteError, routeMarks, syncedRoute, weightedRoute, withdrawnRoute } from "../../../src/core/route/route-change.js"
import { switchDecision } from "../../../src/core/route/switch-decision.js"

const NO_MARKS = { deadline: null, withdrawn: null }
const path = (value: string) => ({ path: { type: "PathPrefix", value } })
const split = (service: string, live: number, canary: number): RouteRule => ({
  matches: [path(`/${service}`)],
  backendRefs: [{ name: `shop-${service}`, port: 80, weight: live }, { name: `shop-${service}-canary`, port: 80, weight: canary }],
})
const header = (service: string): RouteRule => ({ matches: [{ ...path(`/${service}`), headers: [{ name: "x-delivery-track", value: "canary" }] }], backendRefs: [{ name: `shop-${service}-canary`, port: 80, weight: 100 }] })
const plain = (service: string): RouteRule => ({ matches: [path(`/${service}`)], backendRefs: [{ name: `shop-${service}`, port: 80, weight: 100 }] })
const WISHED = [header("web"), split("web", 100, 0), split("api", 100, 0), plain("docs")]

function route(live: readonly RouteRule[], wished: readonly RouteRule[] | null = WISHED, annotations: Record<string, string> = {}): HttpRoute {
  const own: Record<string, string> = wished === null ? {} : { [RULES_ANNOTATION]: JSON.stringify(wished) }
  return { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name: "shop", namespace: "shop-prod", resourceVersion: "7", annotations: { ...own, ...annotations } }, spec: { rules: live } }
}
const at25 = [header("web"), split("web", 75, 25), split("api", 75, 25), plain("docs")]

describe("the weights of a route", () => {
  it("are read as shares, the most that a track has in any rule", () => {
    expect(trackWeights(route(at25))).toEqual(new Map([["canary", 25]]))
    expect(trackWeights(route([split("web", 3, 1), split("api", 100, 0)]))).toEqual(new Map([["canary", 25]]))
    expect(trackWeights(route([plain("docs")]))).toEqual(new Map())
    // Weights that are left out are 1 each.
    expect(trackWeights(route([{ backendRefs: [{ name: "shop-web" }, { name: "shop-web-canary" }] }]))).toEqual(new Map([["canary", 50]]))
  })

  it("count as set only when every rule of the track has them", () => {
    expect(hasWeight(route(at25), "canary", 25)).toBe(true)
    expect(hasWeight(route([split("web", 75, 25), split("api", 100, 0)]), "canary", 25)).toBe(false)
    expect(hasWeight(route([plain("docs")]), "canary", 0)).toBe(false)
  })

  it("are set in all split rules at once, and in no other rule", () => {
    const { metadata, spec } = weightedRoute(route(WISHED), { track: "canary", weightPercent: 25 }, { deadline: "2026-11-23T19:00:00Z", withdrawn: null })
    expect(spec.rules).toEqual(at25)
    expect(metadata).toEqual({ name: "shop", namespace: "shop-prod", resourceVersion: "7", annotations: { "delivery.dev/canary-deadline": "2026-11-23T19:00:00Z" } })
  })

  it("cannot be set for a track that the chart has not rendered", () => {
    expect(() => weightedRoute(route([plain("docs")], [plain("docs")]), { track: "canary", weightPercent: 10 }, NO_MARKS)).toThrow(RouteError)
    expect(weightedRoute(route([plain("docs")], [plain("docs")]), { track: "canary", weightPercent: 0 }, NO_MARKS).spec.rules).toEqual([plain("docs")])
  })

  it("always make a hundred, with two colours too", () => {
    const tracks = ["blue", "green"]
    const rule: RouteRule = { backendRefs: [{ name: "shop-web" }, ...tracks.map((track) => ({ name: `shop-web-${track}` }))] }
    fc.assert(
      fc.property(fc.constantFrom(...tracks), fc.integer({ min: 0, max: 100 }), (track, weightPercent) => {
        const { spec } = weightedRoute(route([], [rule]), { track, weightPercent }, NO_MARKS)
        expect(spec.rules?.[0]?.backendRefs?.reduce((sum, { weight = 0 }) => sum + weight, 0)).toBe(100)
        expect(trackWeights(route(spec.rules ?? [])).get(track)).toBe(weightPercent)
      }),
    )
  })
})

describe("a route is synced", () => {
  it("to the rules that the chart wants, with the shares that there are, also in rules that are new", () => {
    const live = [split("web", 75, 25), plain("docs")]
    expect(inStep(route(live))).toBe(false)
    expect(syncedRoute(route(live)).spec.rules).toEqual(at25)
    expect(inStep(route(at25))).toBe(true)
  })

  it("when a track is gone: its share is the live one's", () => {
    expect(syncedRoute(route(at25, [plain("web"), plain("api")])).spec.rules).toEqual([plain("web"), plain("api")])
  })

  it("without a word of the chart: rules that Helm owns are taken over as they are", () => {
    expect(syncedRoute(route([plain("docs")], null)).spec.rules).toEqual([plain("docs")])
  })

  it("with what the API server adds, which is no difference", () => {
    const [first, ...others] = at25
    expect(inStep(route([{ ...first, name: "added" } as RouteRule, ...others]))).toBe(true)
    expect(inStep(route([...at25, plain("more")]))).toBe(false)
  })

  it("and keeps the marks of a rollout", () => {
    const marks = { "delivery.dev/canary-deadline": "2026-11-23T19:00:00Z", "delivery.dev/canary-withdrawn": "2026-11-23T18:00:00Z" }
    expect(syncedRoute(route(at25, WISHED, marks)).metadata.annotations).toEqual(marks)
    expect(routeMarks(route(at25, WISHED, { "delivery.dev/canary-deadline": "" }))).toEqual(NO_MARKS)
  })

  it("not from what is no list of rules", () => {
    expect(() => syncedRoute(route(at25, WISHED, { [RULES_ANNOTATION]: "{}" }))).toThrow(/shop-prod\/shop, annotation delivery\.dev\/rules: expected a JSON list of rules, got \{\}/)
  })
})

describe("the dead man's switch", () => {
  const now = "2026-11-23T19:00:00.000Z"
  const due = (deadline: string) => switchDecision(route(at25, WISHED, { "delivery.dev/canary-deadline": deadline }), now)

  it("leaves a route alone whose deadline lies ahead, or has none", () => {
    expect(due("2026-11-23T19:00:01Z")).toEqual({ kind: "nothing" })
    expect(switchDecision(route(at25), now)).toEqual({ kind: "nothing" })
  })

  it.each([["2026-11-23T19:00:00Z", "nobody has renewed the deadline 2026-11-23T19:00:00Z; it is"], ["2026-11-22T23:59:59.9Z", "nobody has renewed"], ["soon", 'the deadline "soon" is no time in UTC'], ["2026-11-23T20:30:00+02:00", "is no time in UTC"]])("takes the traffic away at a deadline of %s", (deadline, reason) => {
    const decision = due(deadline)
    expect(decision).toMatchObject({ kind: "withdraw", reason: expect.stringContaining(reason) })
    if (decision.kind !== "withdraw") return
    const { rules = [] } = decision.apply.spec as HttpRoute["spec"]
    expect(rules).toEqual(WISHED)
    expect(decision.apply.metadata.annotations).toEqual({ "delivery.dev/canary-withdrawn": "2026-11-23T19:00:00.000Z" })
    // Told once.
    const after = route(rules, WISHED, { ...decision.apply.metadata.annotations })
    expect(switchDecision(after, now)).toEqual({ kind: "nothing" })
  })

  it("keeps the rules as the chart wants them", () => {
    expect(switchDecision(route([plain("web")]), now)).toMatchObject({ kind: "sync", apply: { spec: { rules: WISHED } } })
  })

  it("has nothing to take away where there is no track, and clears the deadline", () => {
    expect(withdrawnRoute(route([plain("docs")], [plain("docs")]), NO_MARKS).spec.rules).toEqual([plain("docs")])
  })
})
