import { binomial, type Chance } from "../../../../bench/canary/chance.js"
import { judgeCanary, type Judgement } from "../../../src/core/canary/judge.js"
import { NEW_JUDGE, withSample, withStep, type JudgeState } from "../../../src/core/canary/judge-state.js"
import { judgePolicy } from "../../../src/core/canary/policy.js"

export const POLICY = judgePolicy({ slo: { errorRate: 0.01, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, queries: [], plannedSteps: 4 })

export interface SimulatedTrack {
  readonly errorRate: number
  readonly slowRate: number
}

/** Adds one interval of so many requests in all, of which the canary gets its share. */
export function simulateInterval(chance: Chance, state: JudgeState, requests: number, share: number, canary: SimulatedTrack, stable: SimulatedTrack): JudgeState {
  // Routers that weigh take turns: the share is exact, not a matter of chance.
  const toCanary = Math.round(requests * share)
  const track = (count: number, { errorRate, slowRate }: SimulatedTrack) => ({ requests: count, errors: binomial(chance, count, errorRate), slow: binomial(chance, count, slowRate) })
  return withSample(POLICY, state, { counts: { canary: track(toCanary, canary), stable: track(requests - toCanary, stable), services: {} }, readings: {}, synthetic: false })
}

/** The first judgement that is "failed" within so many looks, or the last one. */
export function simulateLooks(chance: Chance, looks: number, requests: number, shares: readonly number[], canary: SimulatedTrack, stable: SimulatedTrack): { judgement: Judgement; looks: number } {
  let state = withStep(NEW_JUDGE)
  for (let look = 1; ; look++) {
    const step = Math.floor(((look - 1) * shares.length) / looks)
    if (state.steps.length <= step) state = withStep(state)
    state = simulateInterval(chance, state, requests, shares[step] ?? 1, canary, stable)
    const judgement = judgeCanary(POLICY, state)
    if (judgement.verdict === "failed" || look === looks) return { judgement, looks: look }
  }
}
