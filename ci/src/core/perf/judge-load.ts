import { counted, errorGate, failedGate, inconclusiveGate, passedGate, placelessFinding } from "../gates/gate.js"
import type { Finding, GateResult } from "../run.js"
import { checksOf, counterOf, judgedThresholds, metricOf, parseK6Summary, type K6Summary } from "./k6-summary.js"
import { findCapacity, type LoadCapacity } from "./load-capacity.js"
import { compareLoad, loadKey, noiseOf, parseGoodRuns, type GoodRun, type LoadComparison } from "./load-comparison.js"
import { loadFigures, operationResults } from "./load-figures.js"
import { crossedWords, milliseconds, percentWords, thresholdWords, type JudgedThreshold } from "./load-numbers.js"
import type { LoadEvidence, LoadFigures, LoadResult } from "./load-result.js"
import { loadArea, peakUsers } from "./load-shape.js"
import { latencyTrend, type LoadTrend } from "./load-trend.js"
import { brokenLoad, brokenWarmUp } from "./load-ends.js"
import { readRecording, type LoadSeries } from "./recording.js"

/** The gate of `perf`, and all that its reports tell. */
export function judgeLoad(evidence: LoadEvidence): { readonly gate: GateResult; readonly result: LoadResult; readonly series: LoadSeries; readonly good: GoodRun | null } {
  const { plan, warmUp, load } = evidence
  const series = readRecording(evidence.recording)
  const summary = parseK6Summary(load.summary)
  const figures = loadFigures(summary, series)
  const thresholds = summary === null ? [] : judgedThresholds(summary)
  const compared = comparable(evidence, figures, series)
  const trend = plan.shape.judgesSlope && load.exitCode !== null ? latencyTrend(plan.shape, series.points) : null
  const capacity = plan.shape.findsLimit ? findCapacity(series.points, plan.budget) : null
  const early = brokenWarmUp(warmUp) ?? brokenLoad(evidence, summary, series.seconds)
  const gate = early ?? judgeFigures({ evidence, summary: summary as K6Summary, thresholds, figures: figures as LoadFigures, comparison: compared.comparison, trend, capacity })
  const result: LoadResult = {
    schemaVersion: 2,
    verdict: gate.verdict,
    reason: gate.reason,
    plan,
    figures,
    thresholds,
    checks: summary === null ? [] : checksOf(summary),
    operations: summary === null ? [] : operationResults(summary),
    comparison: compared.comparison,
    trend,
    capacity,
    slow: slowLines(load.log),
  }
  return { gate, result, series, good: gate.verdict === "passed" ? compared.run : null }
}

interface JudgedLoad {
  readonly evidence: LoadEvidence
  readonly summary: K6Summary
  readonly thresholds: readonly JudgedThreshold[]
  readonly figures: LoadFigures
  readonly comparison: LoadComparison | null
  readonly trend: LoadTrend | null
  readonly capacity: LoadCapacity | null
}

/** The verdict on a load that came to its end. */
function judgeFigures({ evidence: { plan, load }, summary, thresholds: all, figures, comparison, trend, capacity }: JudgedLoad): GateResult {
  const { shape, budget } = plan
  const thresholds = all.filter(({ metric }) => metric !== "script_exceptions")
  const absent = thresholds.filter((each) => each.state === "crossed" && isGuard(each))
  const crossed = thresholds.filter((each) => each.state === "crossed" && !isGuard(each))
  const empty = thresholds.filter(({ state }) => state === "without samples")
  const findings = [...crossed.map((each) => placelessFinding("high", each.metric, thresholdWords(each))), ...empty.map((each) => placelessFinding("moderate", each.metric, `no samples for ${each.expression}, so it proves nothing`))]
  if (shape.findsLimit) return judgeCapacity(capacity, figures, plan.shape.ratePerSecond, findings)
  if (crossed.length > 0) return failedGate(`${crossedWords(crossed)}; ${loadWords(figures)}`, findings)
  if (load.exitCode === MARKED_FAILED) return failedGate(`the script marked the test as failed; ${loadWords(figures)}`, findings)
  const started = figures.maximumUsers
  if (shape.model === "closed" && started < peakUsers(shape)) return errorGate(`expected ${peakUsers(shape)} users, k6 started ${started}: this machine is too small for the load`)
  if (absent.length > 0) return inconclusiveGate(`the script sent nothing to judge: ${absent.map(thresholdWords).join("; ")}`, findings)
  if (metricOf(summary, "checks") === null) return inconclusiveGate("the script made no check, so an error page would have passed too: add `check()` to it", findings)
  if (empty.length > 0) return inconclusiveGate(`${counted(empty.length, "threshold")} without samples: ${empty.map(({ metric, expression }) => `${metric} ${expression}`).join("; ")}`, findings)
  const least = leastIterations(summary, plan.budget.p95Milliseconds / 1000, shape)
  if (figures.iterations < least) return inconclusiveGate(`only ${counted(figures.iterations, "iteration")}, expected at least ${least} of this load: it was not there`, findings)
  if (budget.minimumRequests !== null && figures.requests < budget.minimumRequests) return inconclusiveGate(`only ${counted(figures.requests, "request")}, expected at least ${budget.minimumRequests} (delivery.yaml)`, findings)
  if (trend?.grows === true) return failedGate(`${trend.words}; ${loadWords(figures)}`, [...findings, placelessFinding("high", "slope", trend.words)])
  if (comparison?.state === "slower" && budget.maximumSlowdownPercent !== null) return failedGate(`${comparison.words}; ${loadWords(figures)}`, [...findings, placelessFinding("high", "comparison", comparison.words)])
  const slower = comparison?.state === "slower" ? [placelessFinding("moderate", "comparison", comparison.words)] : []
  return passedGate([limitWords(figures, plan), loadWords(figures), ...(comparison === null ? [] : [comparison.words]), ...(trend === null ? [] : [trend.words])].join("; "), [...findings, ...slower])
}

const MARKED_FAILED = 110

/** Not a limit: without it k6 would pass what never happened. */
const isGuard = ({ metric, expression }: JudgedThreshold): boolean => expression === "count>0" && /^(iterations|http_reqs)\b/.test(metric)

function judgeCapacity(capacity: LoadCapacity | null, figures: LoadFigures, target: number, findings: readonly Finding[]): GateResult {
  const wanted = `${target.toFixed(1)} iterations/s`
  if (capacity === null) return failedGate(`not within its limits at any rate; the target is ${wanted}; ${loadWords(figures)}`, findings)
  const end = capacity.broke === null ? "did not break before the end" : `broke after ${capacity.broke.seconds} s by ${capacity.broke.what}`
  const words = `held ${capacity.iterationsPerSecond.toFixed(1)} iterations/s (${capacity.requestsPerSecond.toFixed(1)} requests/s), then ${end}; the target is ${wanted}`
  // Where it breaks is what the test is for, so the crossed limits are no findings.
  return capacity.iterationsPerSecond >= target ? passedGate(words) : failedGate(words, findings)
}

/** Half of what a target just within its limit would serve: with fewer, the load was not there. */
function leastIterations(summary: K6Summary, limitSeconds: number, shape: LoadEvidence["plan"]["shape"]): number {
  const area = loadArea(shape)
  if (shape.model === "open") return Math.max(1, Math.floor(area / 2))
  const iterations = Math.max(1, counterOf(summary, "iterations"))
  const requests = counterOf(summary, "http_reqs") / iterations
  return Math.max(1, Math.floor(area / (shape.thinkSeconds + requests * limitSeconds) / 2))
}

/** The comparison, and what this run would leave for the next one. */
function comparable({ plan, goodRuns }: LoadEvidence, figures: LoadFigures | null, series: LoadSeries): { readonly comparison: LoadComparison | null; readonly run: GoodRun | null } {
  const p50 = figures?.latency.p50Milliseconds ?? null
  const p95 = figures?.latency.p95Milliseconds ?? null
  if (figures === null || p50 === null || p95 === null || series.startedAtMs === null || plan.shape.findsLimit) return { comparison: null, run: null }
  const key = loadKey(plan)
  const { runId, commit } = plan
  const run: GoodRun = { schemaVersion: 1, key, runId, commit, startedAtMs: series.startedAtMs, p50Milliseconds: p50, p95Milliseconds: p95, requestsPerSecond: figures.requestsPerSecond, noiseMilliseconds: noiseOf(series.points) }
  return { comparison: compareLoad(run, parseGoodRuns(goodRuns, key), plan.budget.maximumSlowdownPercent), run }
}

function limitWords(figures: LoadFigures, { budget }: LoadEvidence["plan"]): string {
  return `p95 ${milliseconds(figures.latency.p95Milliseconds)} of ${budget.p95Milliseconds} ms, errors ${percentWords(figures.errorRate)} of ${percentWords(budget.errorRate)}`
}

export function loadWords({ requests, requestsPerSecond, seconds, maximumUsers, droppedIterations }: LoadFigures): string {
  const dropped = droppedIterations === 0 ? "" : `, ${counted(droppedIterations, "iteration")} dropped`
  return `${counted(requests, "request")} in ${seconds.toFixed(0)} s (${requestsPerSecond.toFixed(1)}/s), ${counted(maximumUsers, "user")}${dropped}`
}

const SLOW_LINE = /^slow: ([0-9.]+) ms, .*$/
const SLOW_LINES = 10

function slowLines(log: string): readonly string[] {
  return log
    .split("\n")
    .flatMap((line) => {
      const took = SLOW_LINE.exec(line.trim())?.[1]
      return took === undefined ? [] : [{ took: Number(took), line: line.trim().slice("slow: ".length) }]
    })
    .sort((left, right) => right.took - left.took)
    .slice(0, SLOW_LINES)
    .map(({ line }) => line)
}
