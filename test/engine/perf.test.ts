// A load test that crosses its limit, on a real engine. The green one is part of the pipeline's test; the others are in test/full/perf.test.ts.
import { expect, it } from "vitest"
import { call, closingLine } from "../support/daggerw.js"
import { serveLoadTarget } from "../support/load-target.js"
import { loadTree } from "../support/load-tree.js"
import { newRun } from "../support/runs.js"

it("fails with the threshold, its value and its limit, and leaves its page", async () => {
  const target = await serveLoadTarget("slow")
  const run = newRun("perf")
  try {
    const ended = await call([`--source=${loadTree().path}`, `--run-id=${run.runId}`, "perf", "--vus", "4", "--duration", "5s", "--base-url", target.address])
    expect(closingLine(ended), ended.output).toMatch(/^perf: failed — perf \(staging\): p\(95\) of http_req_duration is 1[3-9]\d\d ms, limit 1000 ms \(page, store\)/)
    expect(ended.status).toBe(1)
    expect(target.lastHeaders()).toMatchObject({ traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/), baggage: expect.stringContaining(`delivery.run=${run.runId}`) })
  } finally {
    await target.close()
  }
  expect(run.stage("perf", "staging").findings).toContainEqual(expect.objectContaining({ rule: "http_req_duration", severity: "high" }))
  expect(run.text("perf/staging/report.html")).toMatch(/<b class="failed">failed<\/b>[^]*SLO: p95 1000 ms[^]*<svg /)
  expect(run.text("junit.xml")).toMatch(/<failure message="p\(95\) of http_req_duration is 1/)
})
