import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { shareTolerance } from "../../../src/core/canary/observed-share.js"
import { changedRouter, podSteps } from "../../../src/core/canary/pod-steps.js"
import { carriedPercent, replicaWeight } from "../../../src/core/canary/replica-weight.js"

const web = (stable: number) => [{ service: "web", stable }]

describe("a weight of whole pods", () => {
  it.each<[number, number, number, number]>([
    [10, 9, 1, 10],
    [10, 18, 2, 10],
    [25, 3, 1, 25],
    [50, 1, 1, 50],
    [33, 2, 1, 33.3],
    // Rounded, and called what it is.
    [25, 4, 1, 20],
    [10, 7, 1, 12.5],
    [50, 3, 3, 50],
    [100, 3, 3, 100],
    [100, 1, 1, 100],
  ])("of %i %% beside %i stable pods is %i pods of the track: %f %%", (asked, stable, pods, weightPercent) => {
    expect(replicaWeight(asked, web(stable))).toMatchObject({ kind: "carried", pods: { web: pods }, weightPercent })
  })

  it.each<[number, number, RegExp]>([
    [10, 3, /^10 % asked; web: with 3 stable pods 1 canary pod carries 25 %: refused, needs 9 stable pods, or 7 for 13 %$/],
    [10, 1, /^10 % asked; web: with 1 stable pod 1 canary pod carries 50 %: refused, needs 9 stable pods/],
    [1, 9, /^1 % asked; web: with 9 stable pods 1 canary pod carries 10 %: refused, needs 99 stable pods, or 33 for 2\.9 %$/],
    [10, 0, /^web: expected at least 1 stable pod beside the track, got 0$/],
  ])("of %i %% beside %i stable pods is not called that", (asked, stable, reason) => {
    expect(replicaWeight(asked, web(stable))).toEqual({ kind: "refused", reason: expect.stringMatching(reason) })
  })

  it("is one figure that is true of all services, or none", () => {
    expect(replicaWeight(25, [{ service: "web", stable: 3 }, { service: "api", stable: 6 }])).toMatchObject({ weightPercent: 25, pods: { web: 1, api: 2 } })
    expect(replicaWeight(25, [{ service: "web", stable: 3 }, { service: "api", stable: 4 }])).toEqual({ kind: "refused", reason: "25 % asked; web 1 of 4 pods, 25 %; api 1 of 5 pods, 20 %: refused, for no one figure is true of all: give the services the same number of stable pods" })
  })

  it("never says another share than the pods have, and none farther off than a router is believed at", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 200 }), (asked, stable) => {
        const weight = replicaWeight(asked, web(stable))
        if (weight.kind === "refused") return
        const share = (weight.pods["web"] ?? 0) / (stable + (weight.pods["web"] ?? 0))
        expect(Math.abs(weight.weightPercent / 100 - share)).toBeLessThan(0.0006)
        expect(Math.abs(share - asked / 100)).toBeLessThanOrEqual(shareTolerance(asked / 100) + 1e-9)
      }),
    )
  })

  it("is what the ready pods make of it", () => {
    expect(carriedPercent([{ stable: 3, track: 1 }, { stable: 4, track: 1 }])).toBe(25)
    expect(carriedPercent([{ stable: 3, track: 1 }, { stable: 3, track: 0 }])).toBeNull()
  })
})

describe("the steps of a rollout without a router", () => {
  const judge = { slo: { errorRate: 0.01, latencyMs: 500, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, intervalSeconds: 10, inconclusive: "hold" } as const
  const canary = (...weights: number[]) => ({ kind: "canary", ...judge, queries: {}, steps: weights.map((weightPercent) => ({ weightPercent, holdSeconds: 1, maximumSeconds: 2 })) }) as const

  it("have the weights that the pods carry", () => {
    expect(podSteps(canary(25, 50, 100), web(4))).toMatchObject({ refusal: null, strategy: { steps: [{ weightPercent: 20 }, { weightPercent: 50 }, { weightPercent: 100 }] } })
  })

  it("are refused before anything is written, each with what it needs", () => {
    expect(podSteps(canary(10, 25), web(3)).refusal).toMatch(/^10 % asked; web: with 3 stable pods 1 canary pod carries 25 %: refused, needs 9 stable pods.*strategy\.canary\.router\)$/)
    expect(podSteps(canary(20, 25, 50), web(4)).refusal).toMatch(/^steps 20 → 25 → 50 % are 20 → 20 → 50 % with whole pods: two of them are the same/)
  })

  it("are not asked of a colour, which gets everything by the selector", () => {
    const strategy = { kind: "blueGreen", ...judge, watchSeconds: 1, maximumSeconds: 2, keepSeconds: 3 } as const
    expect(podSteps(strategy, web(1))).toEqual({ strategy, refusal: null })
  })

  it("cannot change their carrier under a release that has one", () => {
    expect(changedRouter({}, "replicas")).toBeNull()
    expect(changedRouter({ tracks: { enabled: true, router: "replicas" } }, "replicas")).toBeNull()
    expect(changedRouter({ tracks: { enabled: true } }, "replicas")).toBe("the running release was deployed with router gateway, asked for replicas: deploy once with strategy rolling in between")
  })
})
