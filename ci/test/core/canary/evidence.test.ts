import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { seeded, binomial } from "../../../../bench/canary/chance.js"
import { logBeta, logGamma, shareBand } from "../../../src/core/canary/confidence.js"
import { addRatios, comparisonRatios, guardrailRatios, logEvidence, NO_EVIDENCE, type LogRatios } from "../../../src/core/canary/evidence.js"

const choose = (n: number, k: number): number => Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1))
const evidence = (steps: readonly LogRatios[]): number => Math.exp(logEvidence(steps))

describe("evidence has a mean of at most 1 while the release is healthy", () => {
  it("for the guardrail, summed over every outcome, at the limit and below it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.double({ min: 1e-4, max: 0.5, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (total, limit, part) => {
        const share = limit * part
        let mean = 0
        for (let bad = 0; bad <= total; bad++) mean += choose(total, bad) * share ** bad * (1 - share) ** (total - bad) * evidence([guardrailRatios({ bad, total }, limit)])
        expect(mean).toBeLessThanOrEqual(1 + 1e-6)
      }),
    )
  })

  it("for the comparison, at every share of the requests: errors drawn without replacement", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 400 }), fc.integer({ min: 1, max: 40 }), (canary, stable, errors) => {
        fc.pre(errors <= canary + stable)
        let mean = 0
        for (let bad = Math.max(0, errors - stable); bad <= Math.min(errors, canary); bad++) {
          const chance = (choose(canary, bad) * choose(stable, errors - bad)) / choose(canary + stable, errors)
          mean += chance * evidence([comparisonRatios({ bad, total: canary }, { bad: errors - bad, total: stable })])
        }
        expect(mean).toBeLessThanOrEqual(1 + 1e-6)
      }),
    )
  })
})

describe("evidence over steps and intervals", () => {
  const interval = fc.record({ bad: fc.integer({ min: 0, max: 20 }), good: fc.integer({ min: 0, max: 500 }) })

  it("does not depend on how often one looks", () => {
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 20 }), (intervals) => {
        const parts = intervals.map(({ bad, good }) => guardrailRatios({ bad, total: bad + good }, 0.01)).reduce(addRatios, NO_EVIDENCE)
        const bad = intervals.reduce((sum, one) => sum + one.bad, 0)
        const good = intervals.reduce((sum, one) => sum + one.good, 0)
        expect(logEvidence([parts])).toBeCloseTo(logEvidence([guardrailRatios({ bad, total: bad + good }, 0.01)]), 6)
      }),
    )
  })

  it("is not silenced by good answers of the steps before", () => {
    const good = guardrailRatios({ bad: 20, total: 20_000 }, 0.01)
    const bad = guardrailRatios({ bad: 30, total: 300 }, 0.01)
    expect(logEvidence([addRatios(good, bad)])).toBeLessThan(0)
    expect(logEvidence([good, bad])).toBeGreaterThan(Math.log(1000))
  })

  it("says nothing about a canary that is better, that nobody asked, or that is alone", () => {
    expect(evidence([comparisonRatios({ bad: 0, total: 100 }, { bad: 90, total: 900 })])).toBeLessThan(1)
    expect(comparisonRatios({ bad: 0, total: 0 }, { bad: 0, total: 0 })).toEqual(NO_EVIDENCE)
    for (const ratio of comparisonRatios({ bad: 50, total: 500 }, { bad: 0, total: 0 })) expect(ratio).toBeCloseTo(0, 9)
  })
})

describe("the band of shares that remain possible", () => {
  it("knows ln Γ and ln B to twelve digits", () => {
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12)
    expect(logGamma(1)).toBeCloseTo(0, 12)
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 11)
    expect(logGamma(1001)).toBeCloseTo(5912.128178488163, 8)
    expect(logBeta(2, 3)).toBeCloseTo(Math.log(1 / 12), 12)
  })

  it("holds the measured share, and narrows with the requests", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0.01, 0.05), (total, part, expected) => {
        const bad = Math.round(total * part)
        const few = shareBand({ bad, total }, 0.01, expected)
        const many = shareBand({ bad: bad * 10, total: total * 10 }, 0.01, expected)
        expect(few.lower).toBeLessThanOrEqual(bad / total + 1e-12)
        expect(few.upper).toBeGreaterThanOrEqual(bad / total - 1e-12)
        expect(many.upper - many.lower).toBeLessThanOrEqual(few.upper - few.lower + 1e-9)
      }),
    )
  })

  it("holds the true share at every look, in all but the stated part of runs", () => {
    const chance = seeded(7)
    const missed = (share: number): number => {
      let runs = 0
      for (let run = 0; run < 400; run++) {
        const tally = { bad: 0, total: 0 }
        for (let look = 0; look < 60; look++) {
          tally.bad += binomial(chance, 40, share)
          tally.total += 40
          const { lower, upper } = shareBand(tally, 0.05, 0.01)
          if (share < lower || share > upper) {
            runs++
            break
          }
        }
      }
      return runs / 400
    }
    for (const share of [0.002, 0.01, 0.06]) expect(missed(share)).toBeLessThanOrEqual(0.05)
  })

  it("needs about as many requests without an error as the rule of three, and more for being asked at every look", () => {
    const fewest = (limit: number): number => {
      let total = 1
      while (shareBand({ bad: 0, total }, 0.05, 0.01).upper >= limit) total++
      return total
    }
    expect(fewest(0.05)).toBeGreaterThanOrEqual(59)
    expect(fewest(0.05)).toBeLessThan(90)
    expect(fewest(0.01)).toBeGreaterThanOrEqual(299)
    expect(fewest(0.01)).toBeLessThan(500)
  })
})
