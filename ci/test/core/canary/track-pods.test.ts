import { describe, expect, it } from "vitest"
import { livePods, lookAtCarried, splitServices } from "../../../src/core/canary/track-pods.js"
import type { PodStatusObject } from "../../../src/core/deploy/kube-status.js"

let count = 0
function pod(track: string, { service = "web", ready = true, restarts = 0, leaving = false, name = "" } = {}): PodStatusObject {
  return {
    metadata: { name: name || `shop-${service}-${track}-${(count += 1)}`, labels: { "app.kubernetes.io/component": service, "delivery.dev/track": track }, ...(leaving ? { deletionTimestamp: "2026-11-23T19:00:00Z" } : {}) },
    status: { conditions: [{ type: "Ready", status: ready ? "True" : "False" }], containerStatuses: [{ name: service, ready, restartCount: restarts }] },
  }
}
const stable = (many: number, service = "web") => Array.from({ length: many }, () => pod("stable", { service }))
const of = { services: ["web"], live: "stable", track: "canary", restarts: {} }

describe("what the ready pods carry", () => {
  it("is their share, of those that are no endpoint any more nothing", () => {
    expect(lookAtCarried(25, [...stable(3), pod("canary")], of)).toEqual({ kind: "carried", weightPercent: 25 })
    expect(lookAtCarried(25, [...stable(4), pod("canary")], of)).toEqual({ kind: "carried", weightPercent: 20 })
    expect(lookAtCarried(25, [...stable(3), pod("stable", { leaving: true }), pod("stable", { ready: false }), pod("canary")], of)).toEqual({ kind: "carried", weightPercent: 25 })
  })

  it("is everything for a track that is selected alone, however many pods stable has", () => {
    expect(lookAtCarried(100, [...stable(3), pod("canary")], of)).toEqual({ kind: "carried", weightPercent: 100 })
  })

  it("does not go by another name than it has: stable that lost its pods makes it more", () => {
    expect(lookAtCarried(25, [...stable(1), pod("canary")], of)).toEqual({ kind: "off", fault: "surroundings", reason: "ready pods of the track (web 1 of 2) carry 50 %, asked for 25 %" })
  })

  it("is nothing without a ready pod of the track, which is the release's fault", () => {
    expect(lookAtCarried(25, [...stable(3), pod("canary", { ready: false })], of)).toEqual({ kind: "off", fault: "release", reason: "no pod of track canary of web is ready any more" })
    expect(lookAtCarried(100, stable(3), of)).toMatchObject({ kind: "off", fault: "release" })
    expect(lookAtCarried(50, [...stable(1), pod("canary"), ...stable(1, "api")], { ...of, services: ["web", "api"] })).toMatchObject({ kind: "off", reason: "no pod of track canary of api is ready any more" })
  })

  it("tells a container that has started again, of any service of the track: its own counters do not", () => {
    expect(lookAtCarried(25, [...stable(3), pod("canary"), pod("canary", { service: "ai", restarts: 1, name: "shop-ai-canary-x" })], of)).toEqual({ kind: "crashed", reason: "pod shop-ai-canary-x has crashed under its traffic" })
    // One that did so before the traffic came was told of then.
    expect(lookAtCarried(25, [...stable(3), pod("canary", { restarts: 1, name: "c" })], { ...of, restarts: { c: 1 } }).kind).toBe("carried")
    expect(lookAtCarried(25, [...stable(2), pod("stable", { restarts: 3 }), pod("canary")], of).kind).toBe("carried")
  })
})

describe("the pods that a weight is reckoned from", () => {
  it("are those that the live track is told to have; none without a Deployment", () => {
    const workloads = [{ metadata: { name: "shop-web" }, spec: { replicas: 3 } }, { metadata: { name: "shop-web-green" }, spec: {} }]
    expect(livePods(workloads, "shop", ["web", "api"], "stable")).toEqual([{ service: "web", stable: 3 }, { service: "api", stable: 0 }])
    expect(livePods(workloads, "shop", ["web"], "green")).toEqual([{ service: "web", stable: 1 }])
  })

  it("are of services that users reach", () => {
    expect(splitServices([{ name: "web", routes: ["/"] }, { name: "api", routes: ["/api"] }, { name: "ai", routes: [] }], ["web", "ai"])).toEqual(["web"])
  })
})
