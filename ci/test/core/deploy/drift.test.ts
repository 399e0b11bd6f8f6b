import { describe, expect, it } from "vitest"
import { parseBundle, renderBundle } from "../../../src/core/deploy/chart-bundle.js"
import { judgeDrift, type DriftFacts } from "../../../src/core/deploy/drift.js"
import type { KubeObject } from "../../../src/core/deploy/kube-object.js"
import { routeDrift, withRoutes } from "../../../src/core/deploy/route-drift.js"
import type { ObjectChange } from "../../../src/core/deploy/object-diff.js"
import type { DeploymentRecord } from "../../../src/core/deploy/history.js"

const KEPT: ObjectChange = { key: "Service shop-web", action: "keep", changes: [] }
const CHANGED: ObjectChange = { key: "apps/Deployment shop-web", action: "change", changes: [{ path: "spec.replicas", before: 5, after: 2 }] }
const record = (outcome: DeploymentRecord["outcome"]): DeploymentRecord => ({ kind: "deploy", runId: "r", revision: 3, commit: "c", images: {}, content: "", objects: null, checks: [], plan: null, approvedBy: null, startedAt: "", endedAt: null, outcome, reason: "" })
const judge = (facts: Partial<DriftFacts>) => judgeDrift({ environment: "staging", revision: 3, status: "deployed", objects: [KEPT], record: record("healthy"), ...facts })

describe("drift", () => {
  it("is none when every object is as it was deployed", () => {
    expect(judge({})).toMatchObject({ verdict: "passed", reason: "1 object of revision 3 as deployed" })
  })

  it.each<[string, Partial<DriftFacts>, string, string]>([
    ["a field that somebody changed", { objects: [CHANGED, KEPT] }, "1 of 2 objects not as revision 3 has them: apps/Deployment shop-web", "~ spec.replicas: 5 -> 2"],
    ["an object that is gone", { objects: [{ ...KEPT, action: "create" }] }, "Service shop-web", "it is not there any more"],
    ["a revision that nobody has proven", { record: record("running") }, "revision 3 was not proven healthy: running", "not proven healthy"],
    ["a revision that was deployed by hand", { record: null }, "without this module", "without this module"],
    ["a release that Helm has left", { status: "pending-upgrade" }, "revision 3 is pending-upgrade", "pending-upgrade"],
  ])("is %s", (_, facts, reason, message) => {
    const gate = judge(facts)
    expect([gate.verdict, gate.reason.includes(reason) || gate.reason, gate.findings[0]?.message.includes(message)]).toEqual(["failed", true, true])
  })

  describe("of the shares that the canary program wrote", () => {
    const backends = (canary: number) => [{ name: "shop-web", port: 80, weight: 100 - canary }, { name: "shop-web-canary", port: 80, weight: canary }]
    const rule = (canary: number, more: object = {}) => ({ matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: backends(canary), ...more })
    const route = (rules: readonly object[], annotations: Readonly<Record<string, string>> = {}): KubeObject => ({
      apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", spec: { rules },
      metadata: { name: "shop", namespace: "n", annotations: { "delivery.dev/rules": JSON.stringify([rule(0)]), ...annotations } },
    })
    const found = (live: KubeObject, recorded: ReadonlyMap<string, number> = new Map()) => routeDrift([live], recorded).flatMap(({ changes }) => changes.map(({ path, before, after }) => `${path}: ${String(before)} -> ${String(after)}`))

    it.each<[string, KubeObject, ReadonlyMap<string, number>, readonly string[]]>([
      ["none", route([rule(0, { timeouts: {} })]), new Map(), []],
      ["none where they are as recorded", route([rule(25)]), new Map([["canary", 25]]), []],
      ["a share that somebody gave", route([rule(10)]), new Map(), ["share of track canary, in percent: 10 -> 0"]],
      ["a share that somebody took", route([rule(0)]), new Map([["canary", 25]]), ["share of track canary, in percent: 0 -> 25"]],
      ["none while a rollout is being led", route([rule(10)], { "delivery.dev/canary-deadline": "2026-11-23T10:00:00Z" }), new Map(), []],
    ])("%s", (_, live, recorded, expected) => {
      expect(found(live, recorded)).toEqual(expected)
    })

    const LIVE = { "app.kubernetes.io/component": "web", "delivery.dev/track": "stable" }
    const carrier = (kind: string, spec: object, annotations: Readonly<Record<string, string>>): KubeObject => ({ apiVersion: "v1", kind, spec, metadata: { name: "shop-web", namespace: "n", annotations } })
    const selected = (selector: object, more: Readonly<Record<string, string>> = {}) => carrier("Service", { selector }, { "delivery.dev/selector": JSON.stringify({ live: LIVE, tracks: ["canary"] }), ...more })
    it.each<[string, KubeObject, readonly string[]]>([
      ["none of a Service that selects the live track", selected(LIVE), []],
      ["a Service that selects pods of both tracks", selected({ "app.kubernetes.io/component": "web" }), ["spec.selector: [object Object] -> [object Object]"]],
      ["none of one while a rollout is being led", selected({}, { "delivery.dev/canary-deadline": "2026-11-23T10:00:00Z" }), []],
      ["an Ingress with a weight", carrier("Ingress", {}, { "nginx.ingress.kubernetes.io/canary-weight": "20" }), ["metadata.annotations.nginx.ingress.kubernetes.io/canary-weight: 20 -> 0"]],
      ["none of an Ingress without one", carrier("Ingress", {}, {}), []],
    ])("%s", (_, live, expected) => {
      expect(found(live)).toEqual(expected)
    })

    it("is told of a path too, beside what the dry run found", () => {
      const moved = route([rule(0, { matches: [] })])
      expect(found(moved)).toEqual([expect.stringMatching(/^spec.rules: /)])
      const kept: ObjectChange = { key: "gateway.networking.k8s.io/HTTPRoute shop", action: "keep", changes: [] }
      expect(withRoutes([kept, KEPT], routeDrift([moved], new Map()))).toMatchObject([{ action: "change", changes: [{ path: "spec.rules" }] }, { action: "keep" }])
    })
  })

  it("cannot be told of nothing", () => {
    expect(judge({ objects: [] }).verdict).toBe("error")
  })
})

describe("the chart in a release", () => {
  it("has one text, whatever the order of its files, and is refused when it was replaced", () => {
    const text = renderBundle({ chart: { b: "2", a: "1" }, values: {} })
    expect(text).toBe(renderBundle({ chart: { a: "1", b: "2" }, values: {} }))
    expect(parseBundle(text, "sha256:1", "sha256:1", "r").chart).toEqual({ a: "1", b: "2" })
    expect(() => parseBundle(text, "sha256:1", "sha256:2", "r:chart-c")).toThrow(/r:chart-c: expected the chart with digest sha256:2.*Nothing was written/)
  })

  it("is text", () => {
    expect(() => renderBundle({ chart: { "charts/db.tgz": "\uFFFD" }, values: {} })).toThrow("charts/db.tgz")
  })
})
