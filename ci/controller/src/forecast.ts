import { countInterval, type CounterSnapshot } from "../../src/core/canary/counts.js"
import { measuredTraffic, planRequests, stepRequestsText } from "../../src/core/canary/requests-needed.js"
import type { RolloutPlan } from "../../src/core/canary/rollout-plan.js"
import { stepWeight, type RolloutState } from "../../src/core/canary/rollout-state.js"
import type { RolloutMetrics } from "./ports.js"

/** How many requests a step will take, by the traffic since this controller began: told before the step's weight is set. */
export class Forecast {
  #since: CounterSnapshot | null = null

  constructor(
    readonly plan: RolloutPlan,
    readonly metrics: RolloutMetrics,
  ) {}

  /** `10 %: 446 requests to the canary, 4460 in all, about 8 min at 600 a minute`. What cannot be measured yet is no reason to wait: the judge measures again. */
  async line(state: RolloutState): Promise<string> {
    const { judge, steps } = this.plan
    const traffic = await this.#measured().catch(() => null)
    const weights = steps.map(({ weightPercent }, index) => (index === state.step ? stepWeight(this.plan, state) : weightPercent))
    const rate = traffic === null || traffic.requestsPerMinute === 0 ? null : traffic.requestsPerMinute
    const step = planRequests(judge, weights, traffic?.expected ?? {}, rate)[state.step]
    return step === undefined ? "" : `needs at ${stepRequestsText(step, rate)}`
  }

  /** Where measuring begins. */
  async begin(): Promise<void> {
    this.#since = await this.metrics.snapshot().catch(() => null)
  }

  async #measured() {
    const now = await this.metrics.snapshot()
    const since = (this.#since ??= now)
    const interval = countInterval(since, now)
    return interval.kind === "counted" ? measuredTraffic(this.plan.judge, interval.counts, now.atSeconds - since.atSeconds) : null
  }
}
