import { describe, expect, it } from "vitest"
import { seeded } from "../../../../bench/canary/chance.js"
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
