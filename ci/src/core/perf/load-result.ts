import type { Verdict } from "../verdict.js"
import type { LoadCapacity } from "./load-capacity.js"
import type { LoadComparison } from "./load-comparison.js"
import type { JudgedThreshold, LoadCheck } from "./load-numbers.js"
import type { LoadPlan } from "./load-plan.js"
import type { LoadTrend } from "./load-trend.js"

/** What one phase left behind. */
export interface LoadPhase {
  /** Null when it did not come to its end, or did not begin. */
  readonly exitCode: number | null
  readonly log: string
  /** What `handleSummary` wrote. */
  readonly summary: string | null
}

/** All that a load test left behind: the verdict, the page and the files are made from it, now or after an interruption. */
export interface LoadEvidence {
  readonly plan: LoadPlan
  readonly warmUp: LoadPhase
  readonly load: LoadPhase
  readonly recording: string
  /** Of the stage; the limit of the load itself is in the plan. */
  readonly timeoutSeconds: number
  readonly goodRuns: readonly string[]
}

export interface LoadLatency {
  readonly p50Milliseconds: number | null
  readonly p95Milliseconds: number | null
  readonly p99Milliseconds: number | null
  readonly maxMilliseconds: number | null
}

export interface OperationResult {
  readonly operation: string
  readonly requests: number
  readonly latency: LoadLatency
}

/** The numbers of a load test. Null where nothing was measured. */
export interface LoadFigures {
  readonly seconds: number
  readonly requests: number
  readonly requestsPerSecond: number
  readonly iterations: number
  readonly droppedIterations: number
  readonly errorRate: number | null
  readonly checksRate: number | null
  readonly maximumUsers: number
  readonly latency: LoadLatency
  /** Percentiles 1 to 99 of the latency in milliseconds, for the histogram. */
  readonly percentiles: readonly number[]
}

/** summary.json. */
export interface LoadResult {
  readonly schemaVersion: 2
  readonly verdict: Verdict
  readonly reason: string
  readonly plan: LoadPlan
  readonly figures: LoadFigures | null
  readonly thresholds: readonly JudgedThreshold[]
  readonly checks: readonly LoadCheck[]
  readonly operations: readonly OperationResult[]
  readonly comparison: LoadComparison | null
  readonly trend: LoadTrend | null
  readonly capacity: LoadCapacity | null
  /** The slowest requests that were told, with their trace ids. */
  readonly slow: readonly string[]
}
