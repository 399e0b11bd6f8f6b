import { describe, expect, it } from "vitest"
import { judgeLoad, type LoadInput } from "../../../src/core/gates/load.js"
import { fixture } from "../support.js"

const judge = (input: Partial<LoadInput>) =>
  judgeLoad({ exitCode: 0, summary: null, minimumRequests: null, timeoutSeconds: 60, logTail: "k6's last words", ...input })

const metrics = (...names: readonly string[]) =>
  JSON.stringify({
    metrics: { http_reqs: { values: { count: 10 } }, ...Object.fromEntries(names.map((name) => [name, { values: { avg: 1 }, thresholds: { "p(95)<9": { ok: true } } }])) },
  })

const scenario = (edit: object = {}) =>
  JSON.stringify({
    schemaVersion: 1,
    requests: 100,
    errorRate: 0,
    checksRate: 1,
    latency: { p95Milliseconds: 12 },
    operations: { list: { latency: { p95Milliseconds: 9 } } },
    thresholds: [
      { metric: "http_req_duration", expression: "p(95)<500", passed: true },
      { metric: "http_req_duration{operation:list}", expression: "p(95)<500", passed: true },
      { metric: "http_req_failed", expression: "rate<0.01", passed: true },
      { metric: "http_reqs", expression: "count>=10", passed: true },
    ],
    ...edit,
  })

describe("perf", () => {
  it("passes when every threshold has samples and is kept", () => {
    expect(judge({ summary: metrics("a", "b") })).toMatchObject({ verdict: "passed", reason: "2 thresholds kept over 10 requests" })
    expect(judge({ summary: scenario() })).toMatchObject({ verdict: "passed", reason: "4 thresholds kept over 100 requests" })
  })

  it("is inconclusive when a threshold had no samples, which k6 calls fulfilled", () => {
    expect(judge({ summary: fixture("k6-handle-unsampled.json") })).toMatchObject({
      verdict: "inconclusive",
      reason: "1 threshold without samples: http_req_duration{name:never} p(95)<100",
    })
    expect(judge({ summary: scenario({ operations: { list: { latency: { p95Milliseconds: null } } } }) }).verdict).toBe("inconclusive")
    expect(judge({ summary: scenario({ errorRate: null }) }).verdict).toBe("inconclusive")
  })

  it.each(["k6-handle-crossed.json", "k6-export-crossed.json"])("fails for the thresholds that %s says were crossed", (name) => {
    const gate = judge({ exitCode: 99, summary: fixture(name) })
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toMatch(/^2 of 6 thresholds crossed: /)
    expect(gate.findings.map((finding) => finding.rule)).toEqual(expect.arrayContaining(["checks rate>0.9", "http_req_failed rate<0.01"]))
  })

  it("does not fail a counter that stayed at zero as it should", () => {
    const summary = JSON.stringify({ metrics: { dropped_iterations: { values: { count: 0, rate: 0 }, thresholds: { "count==0": { ok: true } } } } })
    expect(judge({ summary }).verdict).toBe("passed")
  })

  it.each<[string, Partial<LoadInput>, string, RegExp]>([
    ["k6 says so and the summary does not", { exitCode: 99, summary: metrics("a") }, "failed", /k6's last words/],
    ["the summary says so and k6 does not", { summary: fixture("k6-handle-crossed.json") }, "failed", /crossed/],
    ["the script is broken", { exitCode: 107, summary: metrics("a") }, "error", /k6 ended with 107: k6's last words/],
    ["it hung", { exitCode: 124 }, "error", /did not end within 60 s/],
    ["there is no summary", {}, "error", /without a summary/],
    ["the summary is no JSON", { summary: "{" }, "error", /without a summary that can be read/],
    ["the summary is another JSON", { summary: "[1]" }, "error", /without a summary that can be read/],
    ["no threshold was set", { summary: metrics() }, "inconclusive", /no threshold was set/],
    ["there were too few requests", { summary: metrics("a"), minimumRequests: 11 }, "inconclusive", /only 10 requests, expected at least 11/],
  ])("does not pass when %s", (_, input, verdict, reason) => {
    const gate = judge(input)
    expect(gate.verdict).toBe(verdict)
    expect(gate.reason).toMatch(reason)
  })
})
