import { describe, expect, it } from "vitest"
import { reportLoad, withoutRepeats } from "../../../src/core/perf/load-folder.js"
import type { K6Summary } from "../../../src/core/perf/k6-summary.js"
import { loadFiles } from "./support.js"

type Edit = Readonly<Record<string, string | null>>
const judged = async (name: Parameters<typeof loadFiles>[0], edit: Edit = {}) => (await reportLoad(loadFiles(name, edit), { timeoutSeconds: 600, server: null })).gate

/** The summary of a real run, with some numbers changed. */
const summary = (change: (metrics: Record<string, { values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }>) => void): string => {
  const data = JSON.parse(loadFiles("passed")["load.json"] ?? "") as K6Summary
  change(data.metrics as never)
  return JSON.stringify(data)
}
const plan = (change: (plan: { shape: Record<string, unknown>; budget: Record<string, unknown> }) => void): string => {
  const data = JSON.parse(loadFiles("passed")["plan.json"] ?? "") as { shape: Record<string, unknown>; budget: Record<string, unknown> }
  change(data)
  return JSON.stringify(data)
}
const good = (p95Milliseconds: number): string => JSON.stringify({ schemaVersion: 1, key: "documents-constant-closed-5users-5s", runId: "r", commit: "c", startedAtMs: 1, p50Milliseconds: 1, p95Milliseconds, requestsPerSecond: 9, noiseMilliseconds: 0.1 })

describe("a load within its limits", () => {
  it("passes with what it measured", async () => {
    expect(await judged("passed")).toMatchObject({ verdict: "passed", findings: [], reason: expect.stringMatching(/^p95 \d+\.\d ms of 1500 ms, errors 0 % of 1 %; 125 requests in 5 s \(23\.8\/s\), 5 users; no good run of this load here yet/) })
  })

  it("is compared with the good runs of the same load", async () => {
    expect((await judged("passed", { "good/1.json": good(10) })).reason).toMatch(/as fast as the last good run/)
    const slower = await judged("passed", { "good/1.json": good(1) })
    expect(slower).toMatchObject({ verdict: "passed", findings: [{ rule: "comparison", severity: "moderate" }] })
    const counts = plan(({ budget }) => (budget["maximumSlowdownPercent"] = 20))
    expect(await judged("passed", { "good/1.json": good(1), "plan.json": counts })).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^slower than the last good run: p95/) })
  })
})

describe("a limit that is crossed", () => {
  it("fails with the metric, its value and the limit, and names the operations once", async () => {
    const gate = await judged("slow")
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toMatch(/^p\(95\) of http_req_duration is 711\.\d ms, limit 500 ms \(browse, list, read, summarise, upload\); 50 requests in 9 s/)
    expect(gate.findings).toContainEqual({ severity: "high", rule: "http_req_duration{operation:list}", message: expect.stringMatching(/is 71\d\.\d ms, limit 500 ms/), file: null, line: null })
  })

  it("counts although the script threw sometimes", async () => {
    const text = summary((metrics) => {
      metrics["script_exceptions"] = { type: "counter", values: { count: 3 }, thresholds: { "count==0": { ok: false } } } as never
      metrics["http_req_failed"] = { type: "rate", values: { passes: 20, fails: 105, rate: 0.16 }, thresholds: { "rate<0.01": { ok: false } } } as never
    })
    expect(await judged("passed", { "load.json": text, "load.exit": "99" })).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^rate of http_req_failed is 16 %, limit 1 %/) })
  })
})

describe("what says nothing about the software", () => {
  it.each<[string, Edit, string, RegExp]>([
    ["an unreachable target", { "warm-up.exit": "107", "warm-up.log": "Error: unreachable: http://x/ gave no answer (lookup: no such host)\n\tat reach\n" }, "error", /^http:\/\/x\/ gave no answer \(lookup: no such host\)$/],
    ["a target that leads to another host", { "warm-up.exit": "107", "warm-up.log": "Error: unreachable: http://x/ leads to https://y/: expected the target itself\n" }, "error", /leads to https:\/\/y/],
    ["a script with a fault", { "warm-up.exit": "107", "warm-up.log": "SyntaxError: x.ts: Line 1:37 Unexpected }\n" }, "error", /^the script is broken: SyntaxError/],
    ["a threshold that names no metric", { "warm-up.exit": "0", "load.exit": "104", "load.log": 'invalid threshold defined on foo; reason: no metric name "foo" found\n' }, "error", /no metric name "foo" found/],
    ["a script that ends the test itself", { "load.exit": "108", "load.log": "test aborted: enough at default\n" }, "error", /^the script stopped the test: test aborted: enough/],
    ["iterations before the load that never end", { "warm-up.exit": null }, "error", /before the load did not come to their end/],
    ["an interruption", { "load.exit": null, "load.json": null }, "error", /^interrupted after \d of 5 s/],
    ["k6 at the stage's limit", { "load.exit": "124" }, "error", /limit of 600 s/],
    ["a signal", { "load.exit": "105" }, "error", /interrupted by a signal after/],
    ["no summary", { "load.json": null }, "error", /left no summary that can be read/],
    ["a summary that is no JSON", { "load.json": "{" }, "error", /left no summary/],
    ["an exception in every iteration", { "load.log": "exception: TypeError: x\n", "load.json": summary((metrics) => (metrics["script_exceptions"] = { type: "counter", values: { count: 25 } } as never)) }, "error", /^the script throws in every iteration: TypeError: x/],
    ["an exception in some iterations", { "load.json": summary((metrics) => (metrics["script_exceptions"] = { type: "counter", values: { count: 2 } } as never)) }, "error", /^the script threw in 2 of 25 iterations/],
    ["fewer users than asked for", { "load.json": summary((metrics) => ((metrics["vus_max"] ?? { values: {} }).values["max"] = 3)) }, "error", /^expected 5 users, k6 started 3/],
    ["a script that sends nothing", { "load.json": summary((metrics) => (metrics["http_reqs"] = { type: "counter", values: { count: 0 }, thresholds: { "count>0": { ok: false } } } as never)) }, "inconclusive", /sent nothing to judge: count of http_reqs is 0, limit more than 0/],
    ["a threshold without samples", { "load.json": summary((metrics) => (metrics["http_req_duration{name:never}"] = { type: "trend", contains: "time", values: { count: 0, "p(95)": 0 }, thresholds: { "p(95)<1": { ok: true } } } as never)) }, "inconclusive", /1 threshold without samples: http_req_duration\{name:never\} p\(95\)<1/],
    ["a script without checks", { "load.json": summary((metrics) => delete metrics["checks"]) }, "inconclusive", /made no check/],
    ["a load that was not there", { "plan.json": plan(({ budget }) => (budget["p95Milliseconds"] = 100)), "load.json": summary((metrics) => { for (const [name, count] of [["iterations", 1], ["http_reqs", 5]] as const) (metrics[name] ?? { values: {} }).values["count"] = count }) }, "inconclusive", /only 1 iteration, expected at least/],
    ["too few requests for the budget", { "plan.json": plan(({ budget }) => (budget["minimumRequests"] = 126)) }, "inconclusive", /only 125 requests, expected at least 126/],
  ])("%s", async (_, edit, verdict, reason) => {
    expect(await judged("passed", edit)).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
  })

  it("a target that answers wrongly fails before the load, with what it answered", async () => {
    expect(await judged("wrong")).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^the target answers, but not as the checks want: the page is HTML, the list is JSON, the upload is created; got GET \S+\/: 404, no content type; .*Is the address the product's\?$/) })
  })

  it("a script that marks the test as failed fails", async () => {
    expect(await judged("passed", { "load.exit": "110" })).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^the script marked the test as failed/) })
  })
})

describe("the reports", () => {
  const report = async (name: Parameters<typeof loadFiles>[0], edit: Edit = {}) => {
    const { files } = await reportLoad(loadFiles(name, edit), { timeoutSeconds: 600, server: null })
    return Object.fromEntries(files.map(({ path, text }) => [path, text]))
  }

  it("hold a page with plots, the limit's line and a histogram, in one file", async () => {
    const page = (await report("slow"))["report.html"] ?? ""
    expect(page.match(/<svg /g)).toHaveLength(5)
    expect(page).toContain("SLO: p95 500 ms")
    expect(page).toContain("p(95) of http_req_duration is 711.")
    expect(page).toMatch(/trace [0-9a-f]{32}/)
    expect(page).not.toMatch(/<(script|link|img)\b|https?:\/\/(?!localhost)/)
  })

  it("tell what was measured until an interruption", async () => {
    const files = await report("passed", { "load.exit": null, "load.json": null, "series.ndjson": (loadFiles("passed")["series.ndjson"] ?? "").slice(0, -900) })
    expect(files["report.html"]).toMatch(/interrupted after [1-4] of 5 s/)
    expect(files["report.html"]?.match(/<svg /g)).toHaveLength(4)
    expect(JSON.parse(files["summary.json"] ?? "")).toMatchObject({ verdict: "error", figures: { requests: expect.any(Number) } })
  })

  it("are written also when nothing was measured", async () => {
    const files = await report("wrong")
    expect(Object.keys(files)).toEqual(["report.html", "summary.json", "summary.md", "junit.xml", "plan.json"])
    expect(files["report.html"]).toContain("Nothing was measured.")
  })

  it("make every limit and check a test case", async () => {
    const { "junit.xml": junit = "" } = await report("slow")
    expect(junit).toMatch(/<testsuite name="load test documents, constant" tests="\d+" failures="7" errors="0"/)
    expect(junit).toContain('<failure message="p(95) of http_req_duration is 711.')
    expect(junit).toContain('<testcase name="the summary has text" classname="perf.checks"/>')
  })

  it("are short in Markdown", async () => {
    expect((await report("passed"))["summary.md"]).toMatch(/^## Load test: passed\n\n.*\n\ndocuments, constant, 5s, local at [^]*\| p95 \| \d+\.\d ms \| 1500 ms \|/)
  })

  it("keep a log that says one thing a thousand times short", () => {
    expect(withoutRepeats(`a\n${"Request Failed\n".repeat(1000)}b\nb\n`)).toBe("a\nRequest Failed (1000 times)\nb\nb\n")
  })
})
