import { describe, expect, it } from "vitest"
import { judgeCanary, type Judgement } from "../../../src/core/canary/judge.js"
import { NEW_JUDGE, withSample, withStep, type JudgeState } from "../../../src/core/canary/judge-state.js"
import { judgePolicy, type JudgePolicy } from "../../../src/core/canary/policy.js"
import cases from "../fixtures/kayenta-cases.json"
import { POLICY } from "./simulate.js"

interface Given {
  readonly canary: readonly [requests: number, errors: number, slow?: number | null]
  readonly stable: readonly [requests: number, errors: number, slow?: number | null]
  readonly readings?: Readonly<Record<string, boolean | null>>
  readonly synthetic?: boolean
  readonly services?: Readonly<Record<string, readonly [canary: Given["canary"], stable: Given["canary"]]>>
}

const add = (state: JudgeState, { canary, stable, readings = {}, synthetic = false, services: ofServices = {} }: Given, policy: JudgePolicy = POLICY): JudgeState => {
  const track = ([requests, errors, slow = 0]: Given["canary"]) => ({ requests, errors, slow })
  const services = Object.fromEntries(Object.entries(ofServices).map(([name, [one, other]]) => [name, { canary: track(one), stable: track(other) }]))
  return withSample(policy, state, { counts: { canary: track(canary), stable: track(stable), services }, readings, synthetic })
}
const judge = (...steps: readonly Given[]): Judgement => judgeCanary(POLICY, steps.reduce((state, step) => add(withStep(state), step), NEW_JUDGE))

describe("one step", () => {
  it.each<[string, Given, Judgement["verdict"], RegExp]>([
    ["is good enough", { canary: [400, 1], stable: [3600, 10] }, "passed", /errors: canary 1 of 400 \(0\.25 %\) errors, stable 10 of 3600 \(0\.28 %\), limit 1\.0 %: at most 4\.\d %, below 5\.\d %; latency: .*chance that a release worse by the margin gets here: at most 0\.0010 %/],
    ["has too few requests", { canary: [50, 0], stable: [450, 0] }, "inconclusive", /errors: canary 0 of 50 \(0 %\) errors.*up to 2\d % remains possible, must be below 5\.0 %; needs more requests.*not enough evidence in either direction/],
    ["has no request at all", { canary: [0, 0], stable: [500, 0] }, "inconclusive", /errors: canary none of 0 errors.*no requests of the canary in this step, and no data is not a pass/],
    ["answers nothing but errors", { canary: [10, 10], stable: [90, 0] }, "failed", /errors: canary 10 of 10 \(100 %\).*worse than stable \(evidence over a million to 1, limit 300 to 1\).*false alarm over the whole rollout: at most 1\.0 %/],
    ["breaks the limit where stable has no traffic", { canary: [300, 24], stable: [0, 0] }, "failed", /errors: canary 24 of 300 \(8\.0 %\) errors, limit 1\.0 %: over the limit/],
    ["is worse than stable within the limit", { canary: [20_000, 180], stable: [180_000, 180] }, "failed", /worse than stable/],
    ["is slow", { canary: [300, 0, 60], stable: [2700, 0, 30] }, "failed", /^latency: canary 60 of 300 \(20 %\) slow answers/],
    ["is as bad as stable, which breaks its limit too", { canary: [2000, 200], stable: [18_000, 1800] }, "inconclusive", /errors: .*stable breaks it too, so nothing shows that this release is the cause/],
    ["breaks its limit no more than a stable that surely does", { canary: [20_000, 300], stable: [180_000, 2700] }, "inconclusive", /stable breaks it too/],
    ["falls with stable in an outage of both, and is the first over the limit", { canary: [60, 12], stable: [60, 8] }, "inconclusive", /stable breaks it too/],
    ["is better than a stable that breaks its limit", { canary: [2000, 100], stable: [18_000, 1800] }, "inconclusive", /stable breaks it too/],
    ["is worse than a stable that breaks its limit", { canary: [2000, 400], stable: [18_000, 1800] }, "failed", /worse than stable/],
    ["does not tell how fast it is", { canary: [4000, 0, null], stable: [36_000, 0, null] }, "inconclusive", /latency: not measured: there is no histogram of the times, or it has no bucket at the limit/],
    ["is not yet told from chance", { canary: [300, 9], stable: [2700, 20] }, "inconclusive", /errors: .*not yet told from chance \(evidence \d+ to 1, limit 300 to 1\)/],
  ])("that %s", (_, given, verdict, reason) => {
    const judgement = judge(given)
    expect(judgement.reason).toMatch(reason)
    expect(judgement.verdict).toBe(verdict)
  })

  it("is no excuse by what stable did in an earlier step", () => {
    const broken = { canary: [500, 10], stable: [4500, 200] } as const
    expect(judge(broken).verdict).toBe("inconclusive")
    expect(judge(broken, { canary: [3000, 300], stable: [0, 0] })).toMatchObject({ verdict: "failed" })
  })
})

describe("several steps", () => {
  it("let evidence multiply: what two steps show alone is too little, together it is enough", () => {
    const step = { canary: [150, 4], stable: [1350, 3] } as const
    expect(judge(step).verdict).toBe("inconclusive")
    expect(judge(step, step).verdict).toBe("failed")
  })

  it("each need requests of their own", () => {
    const good = { canary: [400, 0], stable: [3600, 0] } as const
    expect(judge(good).verdict).toBe("passed")
    expect(judge(good, { canary: [20, 0], stable: [60, 0] }).reason).toMatch(/enough in all, needs more requests in this step/)
    expect(judge(good, { canary: [150, 0], stable: [450, 0] }).verdict).toBe("passed")
  })

  it("do not let the good answers of the first cover what breaks in the second", () => {
    expect(judge({ canary: [50_000, 50], stable: [450_000, 450] }, { canary: [500, 40], stable: [500, 1] }).verdict).toBe("failed")
  })
})

describe("requests that we made ourselves", () => {
  it("are held against the limit alone: stable had none of them", () => {
    const given = { canary: [4000, 32], stable: [9000, 0] } as const
    expect(judge(given).verdict).toBe("failed")
    const [errors] = judge({ ...given, synthetic: true }).metrics
    expect(errors).toMatchObject({ verdict: "passed" })
    expect(errors?.comparison).toBeLessThanOrEqual(1)
  })
})

describe("custom queries", () => {
  const policy = judgePolicy({ slo: { errorRate: 0.01, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, queries: ["queue"], plannedSteps: 4 })
  const readings = (values: readonly (boolean | null)[]): Judgement => {
    const state = values.reduce((before, queue) => add(before, { canary: [100, 0], stable: [900, 0], readings: { queue } }, policy), withStep(NEW_JUDGE))
    return judgeCanary(policy, state)
  }
  const times = (count: number, value: boolean | null) => Array.from({ length: count }, () => value)

  it.each<[string, readonly (boolean | null)[], Judgement["verdict"]]>([
    ["in range all the time", times(30, true), "passed"],
    ["out of range once in thirty", [...times(15, true), false, ...times(14, true)], "passed"],
    ["out of range half of the time", [...times(8, true), ...times(8, false)], "failed"],
    ["read too seldom", times(5, true), "inconclusive"],
    ["never answered", times(60, null), "inconclusive"],
  ])("%s", (_, values, verdict) => expect(readings(values).verdict).toBe(verdict))

  it("take their part of one chance of a false alarm", () => {
    const total = policy.metrics.reduce((sum, metric) => sum + metric.falseAlarm, 0)
    expect(total).toBeCloseTo(0.01, 12)
    expect(POLICY.metrics.reduce((sum, metric) => sum + metric.falseAlarm, 0)).toBeCloseTo(0.01, 12)
  })
})

describe("a service among others", () => {
  const policy = judgePolicy({ slo: { errorRate: 0.01, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, queries: [], services: ["web", "api"], plannedSteps: 4 })
  const judged = (given: Given): Judgement => judgeCanary(policy, add(withStep(NEW_JUDGE), given, policy))

  it("fails by its own answers, where they are few among those of all", () => {
    // Fifteen errors in twelve hundred answers might be chance; nine of them in the sixty answers of one service are not.
    const given = { canary: [1200, 15], stable: [10_800, 52], services: { web: [[1140, 6], [10_260, 51]], api: [[60, 9], [540, 1]] } } as const
    expect(judge(given).verdict).toBe("inconclusive")
    expect(judged(given)).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^errors of api: canary 9 of 60 \(15 %\) errors, stable 1 of 540 \(0\.19 %\): worse than stable \(evidence .* to 1, limit 3200 to 1\)/) })
  })

  it("is slow by its own answers", () => {
    expect(judged({ canary: [4000, 0, 40], stable: [36_000, 0, 0], services: { web: [[3900, 0, 0], [35_000, 0, 0]], api: [[100, 0, 40], [1000, 0, 10]] } })).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/latency of api: canary 40 of 100 \(40 %\) slow answers/) })
  })

  it("is not waited for, but must have been asked for something: no data is not a pass", () => {
    const given = { canary: [600, 0], stable: [5400, 0], services: { web: [[599, 0], [5000, 0]], api: [[1, 0], [400, 0]] } } as const
    expect(judged(given)).toMatchObject({ verdict: "passed", reason: expect.not.stringContaining("of api") })
    const unasked = judged({ ...given, services: { web: [[600, 0], [5000, 0]], api: [[0, 0], [400, 0]] } })
    expect(unasked).toMatchObject({ verdict: "inconclusive", reason: expect.stringMatching(/^errors of api: nobody has asked the canary of api for anything, and no data is not a pass/) })
  })

  it("takes its part of the one chance of a false alarm, and none where it is the only one", () => {
    expect(policy.metrics.reduce((sum, metric) => sum + metric.falseAlarm, 0)).toBeCloseTo(0.01, 12)
    const { metrics } = judgePolicy({ slo: { errorRate: 0.01, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, queries: [], services: ["web"], plannedSteps: 4 })
    expect(metrics).toEqual(POLICY.metrics)
  })
})

describe("what Kayenta let pass", () => {
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

  it.each(cases)("fails as counts: $issue", ({ canary, baseline, requestsPerPoint, errorsPerUnit }) => {
    const side = (points: readonly number[]) => [points.length * requestsPerPoint, sum(points) * errorsPerUnit] as const
    expect(judge({ canary: side(canary), stable: side(baseline) })).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^errors: .*worse than stable/) })
  })

  it.each(cases)("does not pass as a gauge that may be as high as the baseline was: $issue", ({ canary, baseline }) => {
    const policy = judgePolicy({ slo: { errorRate: 0.01, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, queries: ["gauge"], plannedSteps: 4 })
    const state = canary.reduce((before, point) => add(before, { canary: [1000, 0], stable: [1000, 0], readings: { gauge: point <= Math.max(...baseline) } }, policy), withStep(NEW_JUDGE))
    expect(judgeCanary(policy, state).verdict).not.toBe("passed")
  })

  it("is inconclusive where it is no more than chance: 4 errors to 0", () => {
    expect(judge({ canary: [60, 4], stable: [60, 0] }).verdict).toBe("inconclusive")
  })
})
