import { describe, expect, it } from "vitest"
import { readingInRange } from "../../../src/core/canary/readings.js"

describe("the answer of a custom query", () => {
  const query = { query: "up", minimum: 1, maximum: 5, noData: "inconclusive" } as const
  it.each<[number | null, boolean | null]>([[0.9, false], [1, true], [5, true], [5.1, false], [Infinity, false], [NaN, null], [null, null]])("%s is %s", (answer, inRange) => {
    expect(readingInRange(query, answer)).toBe(inRange)
  })

  it("that is missing is 0 where delivery.yaml says so, which may be out of range too", () => {
    expect(readingInRange({ ...query, noData: "zero" }, null)).toBe(false)
    expect(readingInRange({ query: "up", maximum: 5, noData: "zero" }, null)).toBe(true)
    expect(readingInRange({ query: "up", maximum: 5, noData: "zero" }, NaN)).toBe(null)
  })
})
