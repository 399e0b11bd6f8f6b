// The judge of this module, as it runs: the defaults of delivery.yaml, steps of at least 60 s and at most an hour.
import { highestShare } from "../../ci/src/core/canary/confidence.js"
import { logEvidence } from "../../ci/src/core/canary/evidence.js"
import { judgeCanary } from "../../ci/src/core/canary/judge.js"
import { NEW_JUDGE, NO_METRIC_EVIDENCE, withSample, withStep, type JudgeState } from "../../ci/src/core/canary/judge-state.js"
import { evidenceLimit, judgePolicy } from "../../ci/src/core/canary/policy.js"
import { binomial, type Chance } from "./chance.js"
import { Traffic, type Cell, type Outcome, type Rule } from "./release.js"

export const policy = judgePolicy({ slo: { errorRate: 0.01, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, queries: [], plannedSteps: 4 })
export const HOLD_SECONDS = 60
export const MAXIMUM_SECONDS = 3600
/** The second metric, so that its false alarms count too: the same for both versions. */
const SLOW_RATE = 0.005

/** Whether no metric's bound rules a promotion out yet: stable's own bound is never above what was measured of it. */
function mayPass(sums: Sums): boolean {
  return policy.metrics.every((metric) => {
    const key = metric.kind === "errors" ? "errors" : "slow"
    const stable = sums.stable.requests === 0 ? 0 : sums.stable[key] / sums.stable.requests
    const canary = { bad: sums.canary[key], total: sums.canary.requests }
    return highestShare(canary, policy.falsePromotionRate / 2, metric.limit) < Math.min(metric.limit, stable) + metric.margin
  })
}

/** Whether a test is over its limit, which is all that can end a release before it may be promoted. */
function isOver(state: JudgeState): boolean {
  return policy.metrics.some((metric) => {
    const { guardrail, comparison } = state.evidence[metric.name] ?? NO_METRIC_EVIDENCE
    return Math.max(logEvidence(guardrail), logEvidence(comparison)) >= Math.log(evidenceLimit(metric))
  })
}

/** The default is 10 s; where little happens in that, the simulation looks less often, which the judge does not mind. */
export const intervalSeconds = (requestsPerMinute: number): number => (requestsPerMinute < 100 ? 60 : requestsPerMinute < 1000 ? 30 : 10)

export const ours: Rule = {
  name: "this judge",
  source: "defaults of delivery.yaml: 10, 25, 50, 100 %, at least 60 s each; at most an hour each",
  release: (chance, cell) => release(chance, cell, false),
}

/** `everyLook` asks the whole judge at every look, as the controller does; the answers are the same. */
export function release(chance: Chance, cell: Cell, everyLook: boolean): Outcome {
  const traffic = new Traffic(chance, cell)
  const interval = intervalSeconds(cell.requestsPerMinute)
  const shares = cell.share === null ? [0.1, 0.25, 0.5, 1] : [cell.share]
  let state: JudgeState = NEW_JUDGE
  const sums = none()
  for (const share of shares) {
    state = withStep(state)
    let verdict = "inconclusive"
    // Intervals in which nothing went wrong are added up before the judge sees them: its evidence is a sum.
    let pending = none()
    for (let seconds = interval; seconds <= MAXIMUM_SECONDS && verdict !== "passed"; seconds += interval) {
      const { canary, stableRequests } = traffic.pass(interval, share)
      const slow = binomial(chance, canary.requests, SLOW_RATE)
      const seen = { canary: { ...canary, slow }, stable: { ...traffic.stable(stableRequests), slow: binomial(chance, stableRequests, SLOW_RATE) } }
      add(pending, seen)
      add(sums, seen)
      const mayPromote = seconds >= HOLD_SECONDS && mayPass(sums)
      const something = canary.errors + slow > 0 || mayPromote
      if (!something && !everyLook) continue
      const next = withSample(policy, state, { counts: { ...pending, services: {} }, readings: {}, synthetic: false })
      if (something) [state, pending] = [next, none()]
      if (!everyLook && !mayPromote && !isOver(next)) continue
      verdict = judgeCanary(policy, next).verdict
      if (verdict === "failed") return traffic.outcome("aborted")
      if (seconds < HOLD_SECONDS) verdict = "inconclusive"
    }
    if (verdict !== "passed") return traffic.outcome("inconclusive")
  }
  return traffic.outcome("promoted")
}

interface Sums {
  readonly canary: { requests: number; errors: number; slow: number }
  readonly stable: { requests: number; errors: number; slow: number }
}

const none = (): Sums => ({ canary: { requests: 0, errors: 0, slow: 0 }, stable: { requests: 0, errors: 0, slow: 0 } })

function add(sums: Sums, { canary, stable }: Sums): void {
  sums.canary.requests += canary.requests
  sums.canary.errors += canary.errors
  sums.canary.slow += canary.slow
  sums.stable.requests += stable.requests
  sums.stable.errors += stable.errors
  sums.stable.slow += stable.slow
}
