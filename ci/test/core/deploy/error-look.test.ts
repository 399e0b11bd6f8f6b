import { describe, expect, it } from "vitest"
import { countedSince, countedWithin, judgeErrors, newestSample, parseSeries, requestsQuery } from "../../../src/core/deploy/error-look.js"

/** As Prometheus answers a query with a range. */
const answer = (...series: readonly (readonly [string, ...number[]])[]): string =>
  JSON.stringify({ status: "success", data: { resultType: "matrix", result: series.map(([code, ...values]) => ({ metric: { code, method: "GET" }, values: values.map((value, index) => [1000 + 2 * index, String(value)]) })) } })
const judge = (after: readonly [number, number], baseline: readonly [number, number] = [0, 1000]) =>
  judgeErrors({ baseline: { bad: baseline[0], total: baseline[1] }, after: { bad: after[0], total: after[1] }, limit: 0.01, seconds: 10 })

describe("requests as the gateway counted them", () => {
  it("are asked for of one release's route", () => {
    expect(requestsQuery("shop-staging", "shop")).toBe('traefik_router_requests_total{service=~"httproute-shop-staging-shop-gw-.*"}[60s]')
  })

  it("are what the raw counters grew by: a series that was not there began at 0, and one that became smaller began again", () => {
    const before = parseSeries(answer(["200", 90, 100], ["502", 7]))
    const after = parseSeries(answer(["200", 150], ["502", 3], ["503", 20]))
    expect(countedWithin(before)).toEqual({ bad: 0, total: 10 })
    expect(countedSince(before, after)).toEqual({ bad: 23, total: 73 })
    expect([newestSample(before), newestSample([])]).toEqual([1002, null])
  })

  it("are not read from an answer that is none", () => {
    expect(() => parseSeries('{"status":"error","error":"query timed out"}')).toThrow("query timed out")
    expect(() => parseSeries("not found")).toThrow()
  })
})

describe("the errors of a release that has just been deployed", () => {
  it.each<[string, readonly [number, number], boolean]>([
    ["none", [0, 2000], false],
    ["within the promise", [8, 1000], false],
    ["two of the first ten: chance is no reason", [2, 10], false],
    ["one of a hundred and one: over the limit, and no evidence", [2, 101], false],
    ["a tenth of all", [20, 200], true],
    ["all", [5, 5], true],
  ])("%s", (_, after, bad) => {
    expect(judge(after).bad).toBe(bad)
  })

  it("say counts, limit and what was before", () => {
    expect(judge([20, 200]).text).toBe("errors 20 of 200 (10 %) in 10 s, limit 1.0 %, before it 0 of 1000 (0 %)")
  })

  it("are not its fault when it was as bad before", () => {
    expect(judge([20, 200], [80, 1000])).toEqual({ bad: false, text: "errors 20 of 200 (10 %) in 10 s, limit 1.0 %, before it 80 of 1000 (8.0 %): as bad as before" })
    expect(judge([50, 100], [20, 1000]).bad).toBe(true)
  })

  it("are not judged without a request", () => {
    expect(judge([0, 0])).toEqual({ bad: false, text: "errors not judged: no request came in 10 s" })
  })
})
