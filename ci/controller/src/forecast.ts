import { countInterval, type CounterSnapshot } from "../../src/core/canary/counts.js"
import { measuredTraffic, planRequests, stepRequestsText } from "../../src/core/canary/requests-needed.js"
import type { RolloutPlan } from "../../src/core/canary/rollout-plan.js"
import { stepWeight, type RolloutState } from "../../src/core/canary/rollout-state.js"
import { SCRAPES_MISSED } from "../../src/core/canary/rollout-measure.js"
import type { RolloutMetrics } from "./ports.js"

/** How many requests a step will take, by the traffic since this controller began: told before the step's weight is set. */
export class Forecast {
  #since: CounterSnapshot | null = null

  constructor(
    readonly plan: RolloutPlan,
    readonly metrics: RolloutMetrics,
    /** Requests of our own, which begin with the first weight. */
    readonly ownPerSecond: number,
  ) {}

  /** `10 %: 446 requests to the canary, 4460 in all, about 8 min at 600 a minute`. What cannot be measured yet is no reason to wait: the judge measures again. */
  async line(state: RolloutState): Promise<string> {
    const { judge, steps } = this.plan
    const traffic = await this.#measured().catch(() => null)
    const weights = steps.map(({ weightPercent }, index) => (index === state.step ? stepWeight(this.plan, state) : weightPercent))
    const rate = Math.max(traffic?.requestsPerMinute ?? 0, this.ownPerSecond * 60) || null
    const step = planRequests(judge, weights, traffic?.expected ?? {}, rate)[state.step]
    return step === undefined ? "" : `needs at ${stepRequestsText(step, rate)}`
  }

  /** Where measuring begins; the plan by what is measured: a Prometheus that scrapes once a minute is not gone because it has nothing new for one. */
  async begin(): Promise<RolloutPlan> {
    this.#since = await this.metrics.snapshot().catch(() => null)
    return { ...this.plan, blindSeconds: Math.max(this.plan.blindSeconds, SCRAPES_MISSED * (this.#since?.scrapeSeconds ?? 0)) }
  }

  async #measured() {
    const now = await this.metrics.snapshot()
    const since = (this.#since ??= now)
    const interval = countInterval(since, now, 0)
    return interval.kind === "counted" ? measuredTraffic(this.plan.judge, interval.counts, now.atSeconds - since.atSeconds) : null
  }
}
