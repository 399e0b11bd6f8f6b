import { describe, expect, it } from "vitest"
import { mergeSummaries, runnerSummary } from "../../../src/core/perf/merge-load.js"
import { checksOf, judgedThresholds, parseK6Summary, type K6Summary } from "../../../src/core/perf/k6-summary.js"
import { archiveObject, hasEnded, testRunName, testRunObject } from "../../../src/core/perf/test-run.js"
import { loadFiles } from "./support.js"

const real = (name: "passed" | "slow"): K6Summary => {
  const summary = parseK6Summary(loadFiles(name)["load.json"] ?? null)
  if (summary === null) throw new Error(`fixture ${name} is no summary`)
  return summary
}

/** What k6 says of a list of samples. */
const trend = (samples: readonly number[]) => {
  const sorted = [...samples].sort((left, right) => left - right)
  const at = (percent: number): number => {
    const place = (percent / 100) * (sorted.length - 1)
    const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
    return low + (high - low) * (place - Math.floor(place))
  }
  const percentiles = Array.from({ length: 99 }, (_, index) => [`p(${index + 1})`, at(index + 1)])
  return { count: sorted.length, avg: sorted.reduce((sum, value) => sum + value, 0) / sorted.length, min: at(0), max: at(100), med: at(50), ...Object.fromEntries(percentiles) } as Record<string, number>
}
const summaryOf = (samples: readonly number[]): K6Summary => ({
  metrics: { http_req_duration: { type: "trend", contains: "time", values: trend(samples), thresholds: { "p(95)<500": { ok: true } } } },
  state: { testRunDurationMs: 1000 },
})

describe("what several machines measured", () => {
  const fast = Array.from({ length: 2000 }, (_, index) => 10 + (index * 7919) % 90)
  const slow = Array.from({ length: 1000 }, (_, index) => 300 + (index * 104729) % 700)

  it("has the percentiles of all samples together, not the mean of percentiles", () => {
    const merged = mergeSummaries([summaryOf(fast), summaryOf(slow)]).metrics["http_req_duration"]
    const together = trend([...fast, ...slow])
    for (const stat of ["p(50)", "p(66)", "p(75)", "p(95)", "p(99)"]) expect(Math.abs((merged?.values[stat] ?? 0) / (together[stat] ?? 1) - 1), stat).toBeLessThan(0.02)
    expect(merged?.values).toMatchObject({ count: 3000, min: 10, max: 999 })
  })

  it("is judged again: one machine alone may be within the limit", () => {
    const merged = mergeSummaries([summaryOf(fast), summaryOf(slow)])
    expect(judgedThresholds(merged)).toMatchObject([{ metric: "http_req_duration", expression: "p(95)<500", state: "crossed" }])
  })

  it("adds up, with real summaries", () => {
    const merged = mergeSummaries([real("passed"), real("slow"), real("passed")])
    expect(merged.metrics["http_reqs"]?.values["count"]).toBe(125 + 50 + 125)
    expect(merged.metrics["vus_max"]?.values["max"]).toBe(15)
    expect(checksOf(merged).find(({ name }) => name === "the page is HTML")).toEqual({ name: "the page is HTML", passes: 25 + 10 + 25, fails: 0 })
    expect(mergeSummaries([real("passed")]).metrics["http_req_duration"]?.values["p(95)"]).toBeCloseTo(real("passed").metrics["http_req_duration"]?.values["p(95)"] ?? 0, 6)
  })

  it("comes from a log among other lines", () => {
    expect(runnerSummary(`slow: 5 ms\n\ndelivery-summary ${JSON.stringify(real("passed"))}\n`)?.metrics["http_reqs"]?.values["count"]).toBe(125)
    expect(runnerSummary("delivery-summary {")).toBeNull()
    expect(runnerSummary("panic: out of memory")).toBeNull()
  })
})

describe("a TestRun", () => {
  const place = { name: testRunName("Run_2026.11/23"), namespace: "shop-staging", parallelism: 3, image: "grafana/k6:2.2.0", variables: { BASE_URL: "http://x" } }

  it("is one that pods of the restricted standard can be made of", () => {
    expect(testRunObject(place)).toMatchObject({
      apiVersion: "k6.io/v1alpha1",
      kind: "TestRun",
      metadata: { name: "perf-run-2026-11-23", namespace: "shop-staging" },
      spec: { parallelism: 3, separate: true, script: { configMap: { name: "perf-run-2026-11-23", file: "archive.tar" } }, runner: { automountServiceAccountToken: "false", env: [{ name: "BASE_URL", value: "http://x" }], securityContext: { runAsNonRoot: true }, containerSecurityContext: { allowPrivilegeEscalation: false } } },
    })
  })

  it("has its script beside it, if a ConfigMap can hold it", () => {
    expect(archiveObject(place, "QUJD")).toMatchObject({ kind: "ConfigMap", binaryData: { "archive.tar": "QUJD" } })
    expect(archiveObject(place, "A".repeat(1_500_000))).toBeNull()
  })

  it("has a name that is a label's, and ends in a stage", () => {
    expect(testRunName("x".repeat(80))).toHaveLength(50)
    expect([undefined, "started", "finished", "error"].map(hasEnded)).toEqual([false, false, true, true])
  })
})
