import type { LoadBudget } from "./load-budget.js"
import { goesBeyond, loadArea, peakUsers, rateAt, usersAt, type LoadShape } from "./load-shape.js"

/** A scenario as k6 takes it. */
export type K6Scenario = Readonly<Record<string, unknown>>
export type K6Thresholds = Readonly<Record<string, readonly (string | { readonly threshold: string; readonly abortOnFail: boolean; readonly delayAbortEval: string })[]>>

/** Beyond its target a product may be slow; it may turn away one request in twenty, not more. */
export const OVERLOAD_ERROR_RATE = 0.05
const CHECKS_RATE = 0.99
const WARM_UP = { users: 2, iterations: 6 }

/** The load as an executor of k6. */
export function k6Scenario(shape: LoadShape): K6Scenario {
  const gracefulStop = "10s"
  const percents = new Set(shape.points.map(([, percent]) => percent))
  const [constant] = percents
  const stages = (height: (shape: LoadShape, percent: number) => number) =>
    shape.points.slice(1).map(([at, percent], index) => ({ duration: k6Time(at - (shape.points[index]?.[0] ?? 0)), target: height(shape, percent) }))
  const start = shape.points[0]?.[1] ?? 0
  if (shape.model === "closed") {
    if (percents.size === 1 && constant !== undefined) return { executor: "constant-vus", vus: usersAt(shape, constant), duration: k6Time(shape.seconds), gracefulStop }
    return { executor: "ramping-vus", startVUs: usersAt(shape, start), stages: stages(usersAt), gracefulRampDown: gracefulStop, gracefulStop }
  }
  const pool = { timeUnit: "1s", preAllocatedVUs: Math.min(peakUsers(shape), Math.max(10, Math.ceil(peakUsers(shape) / 4))), maxVUs: peakUsers(shape), gracefulStop }
  if (percents.size === 1 && constant !== undefined) return { executor: "constant-arrival-rate", rate: rateAt(shape, constant), duration: k6Time(shape.seconds), ...pool }
  return { executor: "ramping-arrival-rate", startRate: rateAt(shape, start), stages: stages(rateAt), ...pool }
}

const k6Time = (seconds: number): string => `${Math.round(seconds * 1000)}ms`

/** The limits, and the guards without which k6 passes what never happened. */
export function k6Thresholds(shape: LoadShape, budget: LoadBudget): K6Thresholds {
  const latency = [`p(95)<${budget.p95Milliseconds}`, ...(budget.p99Milliseconds === null ? [] : [`p(99)<${budget.p99Milliseconds}`])]
  const errors = `rate<${budget.errorRate}`
  // Both so that a wrong limit is not crossed by the first slow answers of a target that is still cold.
  const ending = (threshold: string) => ({ threshold, abortOnFail: true, delayAbortEval: "10s" })
  if (shape.findsLimit) return { http_req_duration: latency.map(ending), http_req_failed: [ending(errors)], script_exceptions: ["count==0"] }
  const judged: K6Thresholds = goesBeyond(shape)
    ? { "http_req_duration{load:within}": latency, "http_req_failed{load:within}": [errors], "http_req_failed{load:over}": [`rate<${OVERLOAD_ERROR_RATE}`] }
    : { http_req_duration: latency, http_req_failed: [errors] }
  return {
    ...judged,
    ...(goesBeyond(shape) ? {} : { checks: [`rate>${CHECKS_RATE}`] }),
    iterations: ["count>0"],
    http_reqs: ["count>0"],
    script_exceptions: ["count==0"],
    ...(shape.model === "open" ? { dropped_iterations: [`count<=${Math.floor(loadArea(shape) * budget.errorRate)}`] } : {}),
  }
}

/** A few iterations before the load: they wake the target, and tell what cannot be loaded at all. */
export function warmUpOptions(): { readonly scenario: K6Scenario; readonly thresholds: K6Thresholds } {
  return {
    scenario: { executor: "shared-iterations", vus: WARM_UP.users, iterations: WARM_UP.iterations, maxDuration: "60s" },
    thresholds: { checks: ["rate>=0.5"], script_exceptions: [`count<${WARM_UP.iterations}`] },
  }
}
