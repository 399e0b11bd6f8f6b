import { describe, expect, it } from "vitest"
import { judgeCanary } from "../../../src/core/canary/judge.js"
import { NEW_JUDGE, withSample, withStep } from "../../../src/core/canary/judge-state.js"
import { observeShare } from "../../../src/core/canary/observed-share.js"
import { measuredTraffic, planRequests, requestsStillNeeded, requestsToCatch, requestsToPromote, stepRequestsText } from "../../../src/core/canary/requests-needed.js"
import { POLICY } from "./simulate.js"

const [errors, latency] = POLICY.metrics
if (errors === undefined || latency === undefined) throw new Error("expected two metrics")

describe("the requests that a step needs", () => {
  it.each([0, 0.001, 0.01])("are as many as the judge then wants, at an error rate of %s", (rate) => {
    const total = requestsToPromote(POLICY, errors, rate)
    const judged = (canary: number): string => {
      const counts = (requests: number) => ({ requests, errors: Math.ceil(rate * requests), slow: 0 })
      const state = withSample(POLICY, withStep(NEW_JUDGE), { counts: { canary: counts(canary), stable: counts(canary * 1000), services: {} }, readings: {}, synthetic: false })
      return judgeCanary(POLICY, state).metrics[0]?.verdict ?? "none"
    }
    expect(judged(Math.ceil(total * 1.1))).toBe("passed")
    expect(judged(Math.floor(total * 0.7))).toBe("inconclusive")
  })

  it("are printed before it starts, with the time at the traffic there is", () => {
    const plan = planRequests(POLICY, [10, 50], { errors: 0.001, latency: 0.01 }, 600)
    expect(plan.map((step) => stepRequestsText(step, 600))).toEqual([
      "10 %: 446 requests to the canary, 4460 in all, about 8 min at 600 a minute",
      "50 %: 235 requests to the canary, 470 in all, about 47 s at 600 a minute",
    ])
    expect(planRequests(POLICY, [10], {}, null).map((step) => stepRequestsText(step, null))[0]).toMatch(/no traffic measured yet/)
  })

  it.each<[string, number, number]>([
    ["nothing yet", 0, 0],
    ["some of them", 100, 0],
    ["an error of stable's kind", 200, 1],
  ])("that are still missing after %s are as many as the judge then wants", (_, total, bad) => {
    const counts = (requests: number, errors = 0) => ({ requests, errors, slow: 0 })
    const seen = (more: number) => withSample(POLICY, withStep(NEW_JUDGE), { counts: { canary: counts(total + more, bad), stable: counts(100_000, 500), services: {} }, readings: {}, synthetic: false })
    const before = seen(0)
    const missing = requestsStillNeeded(POLICY, before, judgeCanary(POLICY, before)) ?? 0
    expect(missing).toBeGreaterThan(0)
    // The few errors that stable would have had among them are not added here, so it may be enough a little earlier.
    expect(judgeCanary(POLICY, seen(missing)).metrics[0]?.verdict).toBe("passed")
    expect(judgeCanary(POLICY, seen(Math.floor(missing / 2))).metrics[0]?.verdict).toBe("inconclusive")
  })

  it("are not named where more of them would not help", () => {
    const unmeasured = withSample(POLICY, withStep(NEW_JUDGE), { counts: { canary: { requests: 300, errors: 0, slow: null }, stable: { requests: 900, errors: 0, slow: null }, services: {} }, readings: {}, synthetic: false })
    expect(requestsStillNeeded(POLICY, unmeasured, judgeCanary(POLICY, unmeasured))).toBeNull()
    const suspicious = withSample(POLICY, withStep(NEW_JUDGE), { counts: { canary: { requests: 100, errors: 4, slow: 0 }, stable: { requests: 900, errors: 0, slow: 0 }, services: {} }, readings: {}, synthetic: false })
    expect(requestsStillNeeded(POLICY, suspicious, judgeCanary(POLICY, suspicious))).toBeNull()
  })

  it("follow the traffic that was measured: its rate from both tracks, its faults from stable", () => {
    const traffic = measuredTraffic(POLICY, { canary: { requests: 100, errors: 50, slow: 0 }, stable: { requests: 900, errors: 9, slow: 90 }, services: {} }, 120)
    expect(traffic).toEqual({ requestsPerMinute: 500, expected: { errors: 0.01, latency: 0.1 } })
  })

  it("catch five points more by the limit alone", () => {
    expect(requestsToCatch(errors, 0.06)).toBeLessThanOrEqual(340)
  })
})

describe("the share that the router gives", () => {
  it.each<[number, number, number, string]>([
    [10, 10, 90, "as-asked"],
    [10, 2, 18, "too-few-requests"],
    [10, 0, 0, "too-few-requests"],
    [10, 0, 500, "different"],
    [10, 250, 250, "different"],
    [25, 60, 140, "as-asked"],
    [100, 40, 0, "as-asked"],
    [100, 50, 50, "different"],
    [0, 0, 30, "as-asked"],
    [0, 30, 270, "different"],
  ])("asked for %i %%, %i of the canary and %i of stable: %s", (asked, canary, stable, state) => {
    expect(observeShare(asked, canary, stable).state).toBe(state)
  })

  it("is told", () => expect(observeShare(10, 0, 500).text).toBe("asked for 10 %, observed 0 %: 0 of 500 (0 %) requests"))
})
