import { expect, it } from "vitest"
import type { IntervalCounts } from "../../../src/core/canary/counts.js"
import { withSample } from "../../../src/core/canary/judge-state.js"
import { rolloutLine } from "../../../src/core/canary/rollout-line.js"
import { canaryPlan, type RolloutPlan } from "../../../src/core/canary/rollout-plan.js"
import { startRollout, type RolloutState } from "../../../src/core/canary/rollout-state.js"

const steps = [10, 100].map((weightPercent) => ({ weightPercent, holdSeconds: 60, maximumSeconds: 3600 }))
const PLAN = canaryPlan({ kind: "canary", slo: { errorRate: 0.01, latencyMs: 500, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, intervalSeconds: 10, inconclusive: "hold", steps, queries: { queue: { query: "q", maximum: 1, noData: "inconclusive" } } }, "sha256:new", ["web", "api"])

type Track = readonly [requests: number, errors: number, slow: number | null]
interface Seen {
  readonly canary: Track
  readonly stable: Track
  /** How many answers of the query, all in range. */
  readonly readings: number
  readonly apiIsAsked?: boolean
}

function seen(plan: RolloutPlan, { canary, stable, readings, apiIsAsked = true }: Seen, more: Partial<RolloutState> = {}): RolloutState {
  const start = startRollout(plan, null)
  if (start.kind === "refused") throw new Error(start.reason)
  const track = ([requests, errors, slow]: Track) => ({ requests, errors, slow })
  const none = { requests: 0, errors: 0, slow: 0 }
  const api = { canary: apiIsAsked ? { ...none, requests: 1 } : none, stable: none }
  const counts: IntervalCounts = { canary: track(canary), stable: track(stable), services: { web: { canary: track(canary), stable: track(stable) }, api } }
  const quiet: IntervalCounts = { canary: none, stable: none, services: {} }
  let judge = withSample(plan.judge, start.state.judge, { counts, readings: { queue: readings > 0 ? true : null }, synthetic: false })
  for (let reading = 1; reading < readings; reading += 1) judge = withSample(plan.judge, judge, { counts: quiet, readings: { queue: true }, synthetic: false })
  return { ...start.state, phase: "measure", stepSeconds: 100, observed: { canary: canary[0], stable: stable[0] }, judge, ...more }
}

it.each<[string, RolloutState, RegExp]>([
  ["requests, and for how long they will be", seen(PLAN, { canary: [100, 0, 0], stable: [900, 0, 0], readings: 30 }), /^step 1 of 2, 10 %: observed 10 %, canary 0 of 100 \(0 %\) errors: inconclusive, 172 more requests to the canary, about 3 min; hold in 59 min$/],
  ["answers of a query", seen(PLAN, { canary: [900, 0, 0], stable: [8100, 0, 0], readings: 3 }), /: inconclusive, \d+ more answers of query queue, about \d min; hold in 59 min$/],
  ["a query that has no answer", seen(PLAN, { canary: [900, 0, 0], stable: [8100, 0, 0], readings: 0 }), /: inconclusive, queue: canary none of 0 readings out of range: no readings of the canary in this step, and no data is not a pass; hold in/],
  ["what is suspicious", seen(PLAN, { canary: [300, 9, 0], stable: [2700, 20, 0], readings: 30 }), /: inconclusive, errors: canary 9 of 300 .*not yet told from chance \(evidence \d+ to 1, limit \d+ to 1\); hold in/],
  ["a histogram that nobody has", seen(PLAN, { canary: [900, 0, null], stable: [8100, 0, null], readings: 30 }), /: inconclusive, latency: not measured: there is no histogram of the times/],
  ["a service that nobody asks", seen(PLAN, { canary: [900, 0, 0], stable: [8100, 0, 0], readings: 30, apiIsAsked: false }), /: inconclusive, errors of api: nobody has asked the canary of api for anything/],
  ["time, when enough was shown", seen(PLAN, { canary: [900, 0, 0], stable: [8100, 0, 0], readings: 30 }, { stepSeconds: 20 }), /: passed, watched for 40 s more$/],
  ["nothing any more", seen(PLAN, { canary: [900, 0, 0], stable: [8100, 0, 0], readings: 30 }), /: passed$/],
  ["a person", seen(PLAN, { canary: [100, 0, 0], stable: [900, 0, 0], readings: 30 }, { paused: { by: "ann", reason: "lunch" } }), /172 more requests to the canary, about 3 min, paused by ann$/],
  ["pods", seen(PLAN, { canary: [100, 0, 0], stable: [900, 0, 0], readings: 30 }, { phase: "ready" }), /^step 1 of 2, 10 %: ready$/],
])("the live line says that it waits for %s", (_, state, line) => expect(rolloutLine(PLAN, state)).toMatch(line))
