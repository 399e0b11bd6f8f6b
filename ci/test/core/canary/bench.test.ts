import { describe, expect, it } from "vitest"
import { binomial, seeded } from "../../../../bench/canary/chance.js"
import { kayentaVerdict } from "../../../../bench/canary/mann-whitney.js"
import { argo, flagger, kayenta } from "../../../../bench/canary/others.js"
import { ours, release as ownRelease } from "../../../../bench/canary/ours.js"
import type { Cell, Rule } from "../../../../bench/canary/release.js"
import cases from "../fixtures/kayenta-cases.json"

describe("the others' rules, as they document them", () => {
  const release = (rule: Rule, cell: Partial<Cell>) => rule.release(seeded(1), { base: 0, effectPoints: 0, share: 0.1, requestsPerMinute: 2000, ...cell })

  it.each(cases)("Kayenta lets pass what users told: $issue", ({ canary, baseline, kayenta: { verdict } }) => expect(kayentaVerdict(canary, baseline)).toBe(verdict))

  it("Kayenta fails what is plainly higher, and not what is lower", () => {
    const higher = Array.from({ length: 60 }, (_, minute) => 5 + (minute % 3))
    const lower = higher.map((value) => value - 4)
    expect([kayentaVerdict(higher, lower), kayentaVerdict(lower, higher), kayentaVerdict(lower, lower)]).toEqual(["High", "Pass", "Pass"])
  })

  it.each<[string, Rule, Partial<Cell>, string, number]>([
    ["Argo Rollouts fails at the fourth bad answer", argo, { effectPoints: 50 }, "aborted", 1200],
    ["Argo Rollouts lets 4 % pass", argo, { effectPoints: 4 }, "promoted", 2400],
    ["Argo Rollouts fails where nobody asks: NaN is no success", argo, { requestsPerMinute: 0 }, "aborted", 1200],
    ["Flagger takes the traffic away at the tenth failed check", flagger, { effectPoints: 50 }, "aborted", 600],
    ["Flagger promotes after ten good checks", flagger, {}, "promoted", 600],
    ["Kayenta judges once, after an hour", kayenta, { effectPoints: 50 }, "aborted", 3600],
  ])("%s", (_, rule, cell, verdict, seconds) => expect(release(rule, cell)).toMatchObject({ verdict, seconds }))
})

describe("the simulation", () => {
  it("draws hits as often as they are likely", () => {
    const chance = seeded(3)
    for (const [trials, share] of [[50, 0.02], [333, 0.06], [1000, 0.9]] as const) {
      const hits = Array.from({ length: 4000 }, () => binomial(chance, trials, share))
      const mean = hits.reduce((sum, value) => sum + value, 0) / hits.length
      const variance = hits.reduce((sum, value) => sum + (value - mean) ** 2, 0) / hits.length
      expect(Math.abs(mean / (trials * share) - 1)).toBeLessThan(0.05)
      expect(Math.abs(variance / (trials * share * (1 - share)) - 1)).toBeLessThan(0.1)
    }
  })

  it("asks the judge only when its answer can matter, and comes to the same end", () => {
    for (const base of [0.001, 0.01]) for (const effectPoints of [0, 2, 5]) for (const requestsPerMinute of [20, 200, 2000]) {
      const cell = { base, effectPoints, share: null, requestsPerMinute }
      for (let seed = 0; seed < 10; seed++) expect(ownRelease(seeded(seed), cell, false)).toEqual(ownRelease(seeded(seed), cell, true))
    }
  })

  it("is the same for the same seed", () => {
    const cell = { base: 0.001, effectPoints: 2, share: null, requestsPerMinute: 200 }
    expect(ours.release(seeded(9), cell)).toEqual(ours.release(seeded(9), cell))
  })
})
