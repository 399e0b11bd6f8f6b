import type { Finding, GateResult } from "../run.js"
import { counted, errorGate, failedGate, passedGate } from "./gate.js"
import { readLoadSummary, type JudgedThreshold } from "./load-summary.js"

export interface LoadInput {
  readonly exitCode: number
  /** What `handleSummary` or `--summary-export` wrote; null when there is no such file. */
  readonly summary: string | null
  /** Fewer requests than this prove nothing; null sets no limit. */
  readonly minimumRequests: number | null
  readonly timeoutSeconds: number
  /** k6's last words, for the reason of an error. */
  readonly logTail: string
}

/** k6 ended because a threshold was crossed. */
const THRESHOLDS_CROSSED = 99

/** The gate of `perf`. k6 calls a threshold without samples fulfilled; here it proves nothing. */
export function judgeLoad(input: LoadInput): GateResult {
  const { exitCode, summary, minimumRequests } = input
  if (exitCode === 124) return errorGate(`k6 did not end within ${input.timeoutSeconds} s and was stopped`)
  if (exitCode !== 0 && exitCode !== THRESHOLDS_CROSSED) return errorGate(`k6 ended with ${exitCode}: ${lastWords(input.logTail)}`)
  const read = summary === null ? null : readLoadSummary(summary)
  if (read === null) return errorGate(`k6 ended with ${exitCode} without a summary that can be read: ${lastWords(input.logTail)}`)
  const findings = read.thresholds.filter((each) => each.state !== "kept").map(thresholdFinding)
  const crossed = read.thresholds.filter((each) => each.state === "crossed")
  if (crossed.length > 0) {
    return failedGate(`${crossed.length} of ${counted(read.thresholds.length, "threshold")} crossed: ${list(crossed)}`, findings)
  }
  if (exitCode === THRESHOLDS_CROSSED) return failedGate(`k6 says that a threshold was crossed: ${lastWords(input.logTail)}`, findings)
  if (read.thresholds.length === 0) return inconclusive("no threshold was set, so nothing was judged", findings)
  const empty = read.thresholds.filter((each) => each.state === "without samples")
  if (empty.length > 0) return inconclusive(`${counted(empty.length, "threshold")} without samples: ${list(empty)}`, findings)
  if (minimumRequests !== null && read.requests < minimumRequests) {
    return inconclusive(`only ${counted(read.requests, "request")}, expected at least ${minimumRequests}`, findings)
  }
  return passedGate(`${counted(read.thresholds.length, "threshold")} kept over ${counted(read.requests, "request")}`, findings)
}

function inconclusive(reason: string, findings: readonly Finding[]): GateResult {
  return { verdict: "inconclusive", skipKind: null, reason, findings }
}

function thresholdFinding(each: JudgedThreshold): Finding {
  const message = each.state === "crossed" ? `crossed: ${each.values}` : "no samples, so it proves nothing"
  const severity = each.state === "crossed" ? "high" : "moderate"
  return { severity, rule: thresholdName(each), message, file: null, line: null }
}

function list(thresholds: readonly JudgedThreshold[]): string {
  return thresholds.map(thresholdName).join("; ")
}

function thresholdName(each: JudgedThreshold): string {
  return `${each.metric} ${each.expression}`
}

function lastWords(logTail: string): string {
  return logTail.trim().split("\n").at(-1)?.trim().slice(0, 200) || "no output"
}
