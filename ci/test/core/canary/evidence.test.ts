import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { seeded, binomial } from "../../../../bench/canary/chance.js"
import { logBeta, logGamma, shareBand } from "../../../src/core/canary/confidence.js"
import { comparisonRatios, FIRST_START, grownEvidence, guardrailRatios, logEvidence, logEvidenceOf, NO_EVIDENCE, startWeight, type Evidence, type LogRatios } from "../../../src/core/canary/evidence.js"

const choose = (n: number, k: number): number => Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1))

/** Evidence of looks one after the other; `opens`: which of them begin a step. */
const over = (looks: readonly LogRatios[], opens: readonly boolean[] = []): number => {
  let [evidence, step]: [Evidence, number] = [null, 0]
  for (const [look, ratios] of looks.entries()) {
    if (look > 0 && opens[look] === true) step += 1
    evidence = grownEvidence(evidence, ratios, startWeight({ look, step, opensStep: look === 0 || opens[look] === true, plannedSteps: 4 }))
  }
  return Math.exp(logEvidence(evidence))
}
const of = (ratios: LogRatios): number => Math.exp(logEvidenceOf(ratios))

describe("evidence has a mean of at most 1 while the release is healthy", () => {
  it("for the guardrail, summed over every outcome, at the limit and below it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.double({ min: 1e-4, max: 0.5, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (total, limit, part) => {
        const share = limit * part
        let mean = 0
        for (let bad = 0; bad <= total; bad++) mean += choose(total, bad) * share ** bad * (1 - share) ** (total - bad) * of(guardrailRatios({ bad, total }, limit))
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
          mean += chance * of(comparisonRatios({ bad, total: canary }, { bad: errors - bad, total: stable }))
        }
        expect(mean).toBeLessThanOrEqual(1 + 1e-6)
      }),
    )
  })
})

describe("evidence over looks and steps", () => {
  it("has a mean of at most 1 too, summed over every outcome of looks that each may open a step", () => {
    const look = fc.record({ total: fc.integer({ min: 0, max: 7 }), opens: fc.boolean() })
    fc.assert(
      fc.property(fc.array(look, { minLength: 1, maxLength: 5 }), fc.double({ min: 0.01, max: 0.5, noNaN: true }), (looks, limit) => {
        const outcomes = (index: number, before: readonly LogRatios[]): number => {
          const { total } = looks[index] ?? { total: 0 }
          if (index === looks.length) return over(before, looks.map(({ opens }) => opens))
          let mean = 0
          for (let bad = 0; bad <= total; bad++) mean += choose(total, bad) * limit ** bad * (1 - limit) ** (total - bad) * outcomes(index + 1, [...before, guardrailRatios({ bad, total }, limit)])
          return mean
        }
        expect(outcomes(0, [])).toBeLessThanOrEqual(1 + 1e-6)
      }),
      { numRuns: 30 },
    )
  })

  it("gives the starts, however many, weights that make no more than 1", () => {
    const everyStep = Array.from({ length: 5000 }, (_, look) => startWeight({ look, step: look, opensStep: true, plannedSteps: 5000 })).reduce((sum, weight) => sum + weight, 0)
    const everyLook = Array.from({ length: 5000 }, (_, look) => startWeight({ look, step: 0, opensStep: look === 0, plannedSteps: 4 })).reduce((sum, weight) => sum + weight, 0)
    // Steps and looks have shares of their own, so that they may be mixed.
    expect(everyStep + everyLook - FIRST_START).toBeLessThanOrEqual(1)
  })

  it("is not silenced by good answers of the steps before", () => {
    const good = guardrailRatios({ bad: 20, total: 20_000 }, 0.01)
    const bad = guardrailRatios({ bad: 30, total: 300 }, 0.01)
    expect(of(good.map((ratio, index) => ratio + (bad[index] ?? 0)))).toBeLessThan(1)
    expect(over([good, bad], [true, true])).toBeGreaterThan(300)
  })

  it("is not silenced by an hour of good answers in the same step either", () => {
    const good = Array.from({ length: 360 }, () => guardrailRatios({ bad: 1, total: 1000 }, 0.01))
    expect(over([...good, guardrailRatios({ bad: 60, total: 1000 }, 0.01)])).toBeGreaterThan(300)
    expect(over(good)).toBeLessThan(1)
  })

  it("survives being kept as text, also where it is next to nothing", () => {
    const kept = grownEvidence(null, guardrailRatios({ bad: 0, total: 1e7 }, 0.5), FIRST_START)
    expect(JSON.parse(JSON.stringify(kept))).toEqual(kept)
    expect(Math.exp(logEvidence(grownEvidence(kept, guardrailRatios({ bad: 40, total: 60 }, 0.01), startWeight({ look: 1, step: 0, opensStep: false, plannedSteps: 1 }))))).toBeGreaterThan(1000)
  })

  it("says nothing about a canary that is better, that nobody asked, or that is alone", () => {
    expect(of(comparisonRatios({ bad: 0, total: 100 }, { bad: 90, total: 900 }))).toBeLessThan(1)
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
