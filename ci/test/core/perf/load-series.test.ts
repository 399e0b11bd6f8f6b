import { describe, expect, it } from "vitest"
import { readRecording } from "../../../src/core/perf/recording.js"
import { compareLoad, loadKey, noiseOf, parseGoodRuns, type GoodRun } from "../../../src/core/perf/load-comparison.js"
import { findCapacity } from "../../../src/core/perf/load-capacity.js"
import { latencyTrend } from "../../../src/core/perf/load-trend.js"
import { medianOf, robustDeviation, trendOf } from "../../../src/core/perf/robust.js"
import { histogramBars } from "../../../src/core/perf/histogram.js"
import { isoTime, plannedAt } from "../../../src/core/perf/load-page.js"
import { svgAxis, svgScale } from "../../../src/core/perf/plot-scale.js"
import { prometheusPods } from "../../../src/core/perf/prometheus-pods.js"
import { podLoads, podSamples } from "../../../src/core/perf/pod-usage.js"
import { levelAt } from "../../../../ci/k6/level.js"
import { BUDGET, loadFiles, planOf, point, shapeOf } from "./support.js"

describe("k6's recording", () => {
  const text = loadFiles("passed")["series.ndjson"] ?? ""

  it("gives the load over time", () => {
    const series = readRecording(text)
    expect(series).toMatchObject({ ended: true, startedAtMs: expect.any(Number), totals: { requests: 125, iterations: 25, errorRate: 0 } })
    expect(series.points.length).toBeGreaterThanOrEqual(5)
    expect(series.points[2]).toMatchObject({ users: 5, errorRate: 0, dropped: 0 })
    expect(Math.round(series.points[2]?.requestsPerSecond ?? 0)).toBe(25)
    expect(series.points.reduce((sum, { requestsPerSecond, seconds }, index) => sum + requestsPerSecond * (seconds - (series.points[index - 1]?.seconds ?? 0)), 0)).toBeCloseTo(125, 0)
  })

  it("can end in the middle of a line", () => {
    expect(readRecording(text.slice(0, text.length - 900))).toMatchObject({ ended: false })
    expect(readRecording("")).toEqual({ startedAtMs: null, seconds: 0, ended: false, points: [], totals: null })
  })
})

describe("the comparison", () => {
  const good = (p95Milliseconds: number, noiseMilliseconds = 1): GoodRun => ({ schemaVersion: 1, key: "k", runId: "r", commit: "c", startedAtMs: p95Milliseconds, p50Milliseconds: 1, p95Milliseconds, requestsPerSecond: 1, noiseMilliseconds })

  it.each<[string, number, readonly GoodRun[], string]>([
    ["nothing to compare with", 100, [], "first"],
    ["a few percent", 110, [good(100)], "same"],
    ["more than a fifth", 125, [good(100)], "slower"],
    ["a fifth of next to nothing", 1.9, [good(0.5, 0)], "same"],
    ["much, where one run moves as much", 125, [good(100, 10)], "same"],
    ["much, where the good runs differ as much", 140, [good(80), good(100), good(120)], "same"],
    ["beyond what the good runs differ by", 200, [good(95), good(100), good(105)], "slower"],
    ["an outlier among the good runs", 130, [good(98), good(100), good(102), good(900), good(101)], "slower"],
    ["faster", 60, [good(100)], "faster"],
  ])("tells %s", (_, p95Milliseconds, runs, state) => {
    expect(compareLoad({ p95Milliseconds, noiseMilliseconds: 1 }, runs, 20).state).toBe(state)
  })

  it("takes only runs of the same load, the last ten of them", () => {
    expect(loadKey(planOf({ vus: 100, duration: "60s" }))).toBe("documents-constant-closed-100users-60s")
    expect(loadKey(planOf({ rate: 20 }))).toBe("documents-constant-open-20persecond-300s")
    const texts = [...Array.from({ length: 12 }, (_, index) => JSON.stringify(good(index))), JSON.stringify({ ...good(99), key: "other" }), "{"]
    expect(parseGoodRuns(texts, "k").map(({ p95Milliseconds }) => p95Milliseconds)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  it("knows how far p95 moves by chance", () => {
    expect(noiseOf(Array.from({ length: 100 }, (_, index) => point(index, { p95Milliseconds: 40 + (index % 5) })))).toBeCloseTo(0.186, 2)
    expect(noiseOf([point(1)])).toBe(0)
  })
})

describe("a trend", () => {
  it("is found by robust numbers", () => {
    expect(medianOf([3, 1, 2])).toBe(2)
    expect(robustDeviation([1, 2, 3, 4, 1000])).toBeCloseTo(1.4826)
    const line = Array.from({ length: 20 }, (_, index): [number, number] => [index, 2 * index])
    expect(trendOf(line, 12)).toMatchObject({ slope: 2, count: 20 })
    expect(trendOf(line.slice(0, 5), 12)).toBeNull()
  })

  const shape = shapeOf({ profile: "soak", duration: "20m" })
  const soak = (p95: (seconds: number) => number) => Array.from({ length: 600 }, (_, index) => point(index * 2, { p95Milliseconds: p95(index * 2) }))

  it("fails a soak test that grows slower", () => {
    expect(latencyTrend(shape, soak((seconds) => 40 + seconds / 60 + (seconds % 7)))).toMatchObject({ grows: true, words: expect.stringMatching(/^p95 grows with time: 1\d\.\d ms more/) })
  })

  it("lets one pass that is steady, or grows by nothing to speak of", () => {
    expect(latencyTrend(shape, soak((seconds) => 40 + (seconds % 7))).grows).toBe(false)
    expect(latencyTrend(shape, soak((seconds) => 40 + seconds / 1200)).grows).toBe(false)
    expect(latencyTrend(shape, soak(() => 40).slice(0, 60))).toMatchObject({ grows: false, millisecondsAnHour: null })
  })
})

describe("a breakpoint", () => {
  const rising = (p95: (seconds: number) => number) => Array.from({ length: 120 }, (_, index) => point(index, { iterationsPerSecond: index, requestsPerSecond: index * 5, p95Milliseconds: p95(index) }))

  it("is the last rate that was held", () => {
    expect(findCapacity(rising((seconds) => (seconds < 70 ? 50 : 900)), BUDGET)).toMatchObject({ iterationsPerSecond: 64.5, broke: { seconds: 70, what: "p95" } })
  })

  it("does not mind one hiccup", () => {
    expect(findCapacity(rising((seconds) => (seconds >= 30 && seconds < 40 ? 900 : 50)), BUDGET)).toMatchObject({ iterationsPerSecond: 114.5, broke: null })
  })

  it("may not exist at all", () => {
    expect(findCapacity(rising(() => 900), BUDGET)).toBeNull()
  })
})

describe("the picture", () => {
  it("shows a limit that is far away by equal factors", () => {
    expect(svgScale({ values: [5, 20], limit: 1500, least: 0, from: 100, to: 0 })).toMatchObject({ logarithmic: true, low: 1, high: 1950 })
    expect(svgAxis(svgScale({ values: [5, 20], limit: 30, least: 0, from: 100, to: 0 }))).toEqual([0, 10, 20, 30, 40])
    expect(svgScale({ values: [], limit: 500, least: 0, from: 100, to: 0 })).toMatchObject({ logarithmic: false, high: 600 })
  })

  it("has bars that are 98 of 100 requests", () => {
    const bars = histogramBars(Array.from({ length: 99 }, (_, index) => index + 1))
    expect(bars).toHaveLength(40)
    expect(bars.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(0.98)
    expect(histogramBars([])).toEqual([])
    expect(histogramBars(Array.from({ length: 99 }, () => 5))).toEqual([])
  })

  it("knows what was asked for at each moment", () => {
    const shape = shapeOf({ profile: "load" })
    expect([0, 60, 120, 1020, 1140, 1200].map((at) => plannedAt(shape, at))).toEqual([0, 5, 10, 100, 0, null])
    expect(shape.points.map(([at]) => levelAt(shape.points, at / shape.seconds))).toEqual([0, 10, 50, 100, 100, 0])
  })

  it("tells the time in UTC", () => {
    expect([0, 951_782_400_000, 1_795_461_842_002].map(isoTime)).toEqual(["1970-01-01T00:00:00Z", "2000-02-29T00:00:00Z", new Date(1_795_461_842_002).toISOString().replace(/\.\d+/, "")])
  })
})

describe("the pods meanwhile", () => {
  const pods = (restartCount: number) => ({ items: [{ metadata: { name: "shop-api-1" }, status: { phase: "Running", containerStatuses: [{ restartCount }] } }] })
  const stats = (nanoseconds: number) => [{ pods: [{ podRef: { name: "shop-api-1", namespace: "shop" }, cpu: { usageCoreNanoSeconds: nanoseconds }, memory: { workingSetBytes: 50 * 1_048_576 } }] }]

  it("are what the kubelet counts", () => {
    const looks = [podSamples(pods(0), stats(1e9), new Map(), "shop", 0), podSamples(pods(0), stats(6e9), new Map(), "shop", 10), podSamples(pods(1), stats(21e9), new Map(), "shop", 20)]
    expect(podLoads(looks, "x").rows).toEqual([{ pod: "shop-api-1", meanCores: 1, mostCores: 1.5, startMebibytes: 50, mostMebibytes: 50, restarts: 1 }])
  })

  it("are what the process says where the kubelet says nothing", () => {
    const own = new Map([["shop-api-1", "process_cpu_seconds_total 3.5\nprocess_resident_memory_bytes 1.048576e+06\n"]])
    expect(podSamples(pods(0), [{}], own, "shop", 0)).toEqual([{ pod: "shop-api-1", seconds: 0, coreSeconds: 3.5, mebibytes: 1, restarts: 0 }])
    expect(podSamples(pods(0), [{}], new Map(), "shop", 0)).toMatchObject([{ coreSeconds: null, mebibytes: null }])
  })

  it("are what Prometheus saw, where there is one", () => {
    const matrix = (...values: number[]) => ({ status: "success", data: { result: [{ metric: { pod: "shop-api-1" }, values: values.map((value, index): [number, string] => [index, String(value)]) }] } })
    expect(prometheusPods({ cores: matrix(0.5, 1.5, NaN), bytes: matrix(1_048_576, 3_145_728), restarts: matrix(2, 3) }).rows).toEqual([{ pod: "shop-api-1", meanCores: 1, mostCores: 1.5, startMebibytes: 1, mostMebibytes: 3, restarts: 1 }])
    expect(prometheusPods({ cores: {}, bytes: { data: { result: [] } }, restarts: matrix(1) })).toEqual({ rows: [], reason: expect.stringMatching(/^Prometheus knows no pod of this namespace/) })
  })
})
