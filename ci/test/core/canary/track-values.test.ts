import { describe, expect, it } from "vitest"
import { parseStored, storedData, type RolloutFacts } from "../../../src/core/canary/stored-rollout.js"
import { changedServiceNames, idleColour, liveOverlay, liveTrack, mergedServices, servicesOfTrack, trackOverlay } from "../../../src/core/canary/track-values.js"

const SHOP = [
  { name: "web", routes: ["/"], dependsOn: [] },
  { name: "api", routes: ["/api"], dependsOn: ["search", "mail"] },
  { name: "search", routes: [], dependsOn: ["index"] },
  { name: "index", routes: [], dependsOn: ["search"] },
  { name: "mail", routes: [], dependsOn: [] },
  { name: "nightly", routes: [], dependsOn: ["mail"] },
]
const FACTS: RolloutFacts = { runId: "r1", environment: "staging", commit: "c2", images: {}, content: "", checks: [], capturedChecks: [], plan: null, approvedBy: null, startedAt: "", live: "stable", track: "canary", services: ["api"], captured: 3, withTrack: null }

describe("the services of a track", () => {
  it.each<[string, string[], string[]]>([
    ["a routed one alone", ["web"], ["web"]],
    ["an internal one, and all on the way to it", ["index"], ["api", "search", "index"]],
    ["one that no route leads to, and so every one", ["nightly"], ["web", "api", "search", "index", "mail", "nightly"]],
    ["none, such as with a new chart, and so every one", [], ["web", "api", "search", "index", "mail", "nightly"]],
  ])("are those that changed and those on the way there: %s", (_, changed, track) => expect(servicesOfTrack(SHOP, changed)).toEqual(track))
})

describe("the values of a track", () => {
  const all = { api: { image: "r/api@sha256:2", env: { LEVEL: "2" } }, web: { image: "r/web@sha256:2" } }

  it("touch nothing but the track", () => expect(trackOverlay(FACTS, all)).toEqual({ tracks: { enabled: true, canary: { enabled: true, commit: "c2", services: { api: all.api } } } }))
  it("leave the number of a canary's pods to its weight, and that of a colour's to its release", () => {
    const scaled = { api: { ...all.api, replicas: 3, autoscaling: { enabled: true }, live: "stable" } }
    expect(trackOverlay(FACTS, scaled)).toEqual(trackOverlay(FACTS, all))
    expect(trackOverlay({ ...FACTS, track: "green" }, scaled)).toMatchObject({ tracks: { green: { services: { api: { replicas: 3 } } } } })
  })
  it("are those of all files, later ones laid over earlier ones", () => {
    expect(mergedServices([{ services: { api: { env: { A: "1", B: "2" }, routes: ["/a"] } } }, null, { services: { api: { env: { B: "3" }, routes: ["/b"] }, web: {} } }])).toEqual({ api: { env: { A: "1", B: "3" }, routes: ["/b"] }, web: {} })
    expect(mergedServices([{ services: { api: { env: { A: "1" } } } }, { services: { api: { env: null } } }])).toEqual({ api: {} })
  })
  it("tell what changed, but for who has the traffic", () => {
    expect(changedServiceNames({ api: { image: "1", live: "green" }, web: { image: "1" } }, { api: { image: "1" }, web: { image: "2" }, mail: {} })).toEqual(["web", "mail"])
    expect([liveTrack({ api: {} }), liveTrack({ api: { live: "green" } })]).toEqual(["stable", "green"])
  })
  it("make a colour what runs", () => expect(liveOverlay({ ...FACTS, track: "green" }, all)).toMatchObject({ services: { api: { live: "green" } }, tracks: { green: { enabled: true } } }))
  it("take the colour without traffic", () => expect([idleColour("stable"), idleColour("green"), idleColour("blue")]).toEqual(["green", "blue", "green"]))
})

it("a rollout that another version wrote is none", () => {
  expect(parseStored(undefined)).toBeNull()
  expect(parseStored({ "state.json": "{}" })).toBeNull()
  const stored = { facts: FACTS, plan: {}, state: {}, commands: [], leader: "x" } as never
  expect(parseStored(storedData(stored))).toEqual(stored)
})
