import { describe, expect, it } from "vitest"
import { binomial, seeded } from "../../../../bench/canary/chance.js"
import { judgeCanary } from "../../../src/core/canary/judge.js"
import { NEW_JUDGE, withSample, withStep } from "../../../src/core/canary/judge-state.js"
import { judgePolicy } from "../../../src/core/canary/policy.js"
import { simulateLooks } from "./simulate.js"

const SHARES: readonly (readonly [string, readonly number[]])[] = [
  ["0.1", [0.1]],
  ["0.25", [0.25]],
  ["0.5", [0.5]],
  ["changing from 0.1 to 1", [0.1, 0.25, 0.5, 1]],
]

/** Share of runs that end as "failed", and in how many requests to the canary the slowest did. */
const failedShare = (runs: number, looks: number, requests: number, shares: readonly number[], canary: number, stable: number, slow: number): number => {
  const chance = seeded(20261123)
  let failed = 0
  for (let run = 0; run < runs; run++) {
    const tracks = [{ errorRate: canary, slowRate: slow }, { errorRate: stable, slowRate: slow }] as const
    if (simulateLooks(chance, looks, requests, shares, ...tracks).judgement.verdict === "failed") failed++
  }
  return failed / runs
}

describe.each(SHARES)("at a canary share of %s", (_, shares) => {
  it.each([0.001, 0.01])("at most 1 % of healthy releases fail in forty looks, at an error rate of %s", (rate) => {
    // The worst case is the limit itself, for errors and for slow answers.
    expect(failedShare(200, 40, 200, shares, rate, rate, rate * 5)).toBeLessThanOrEqual(0.01)
  })

  it.each([0.0001, 0.01])("five points more than %s are found in all of a hundred", (rate) => {
    expect(failedShare(100, 60, 200, shares, rate + 0.05, rate, 0)).toBe(1)
  })
})

describe("at a canary share of 0.1", () => {
  it.each([0.0001, 0.001, 0.005, 0.01])("five points more than %s are caught within 300 canary requests in 95 %% of cases, within 600 in 99 %%", (rate) => {
    expect(failedShare(300, 6, 500, [0.1], rate + 0.05, rate, 0)).toBeGreaterThanOrEqual(0.95)
    expect(failedShare(300, 12, 500, [0.1], rate + 0.05, rate, 0)).toBeGreaterThanOrEqual(0.99)
  })
})

describe("a share that changes from one interval to the next", () => {
  it("makes no false alarm", () => {
    const shares = Array.from({ length: 60 }, (_, look) => [0.05, 0.5, 0.1, 0.9][look % 4] ?? 0.1)
    expect(failedShare(100, 60, 200, shares, 0.01, 0.01, 0.05)).toBeLessThanOrEqual(0.01)
  })
})

describe("a service that gets one request in twenty", () => {
  const policy = judgePolicy({ slo: { errorRate: 0.01, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, queries: [], services: ["large", "small"], plannedSteps: 4 })

  /** How many of so many runs of forty looks fail, and by which metric; 500 requests a look, a tenth of them to the canary. */
  const failures = (runs: number, canaryErrorsOfSmall: number): readonly string[] => {
    const chance = seeded(20261201)
    return Array.from({ length: runs }, (): string => {
      let state = withStep(NEW_JUDGE)
      for (let look = 0; look < 40; look += 1) {
        const track = (requests: number, errorRate: number) => ({ requests, errors: binomial(chance, requests, errorRate), slow: binomial(chance, requests, 0.05) })
        const services = { large: { canary: track(48, 0.01), stable: track(427, 0.01) }, small: { canary: track(2, canaryErrorsOfSmall), stable: track(23, 0.01) } }
        const all = (of: "canary" | "stable") => ({ requests: services.large[of].requests + services.small[of].requests, errors: services.large[of].errors + services.small[of].errors, slow: services.large[of].slow + services.small[of].slow })
        state = withSample(policy, state, { counts: { canary: all("canary"), stable: all("stable"), services }, readings: {}, synthetic: false })
        const failed = judgeCanary(policy, state).metrics.find(({ verdict }) => verdict === "failed")
        if (failed !== undefined) return failed.name
      }
      return ""
    }).filter((name) => name !== "")
  }

  it("makes no more false alarms than one in a hundred, at the limit of both", () => expect(failures(200, 0.01).length).toBeLessThanOrEqual(2))

  it("is found when half of its own answers are errors, which among all are two in a hundred", () => {
    const found = failures(50, 0.5)
    expect(found.length).toBe(50)
    expect(found.filter((name) => name === "errors of small").length).toBeGreaterThan(40)
  })
})
