import type { BlueGreenStrategy, CanaryStrategy } from "../config/strategy.js"
import { judgePolicy, type JudgePolicy } from "./policy.js"

export interface RolloutStep {
  readonly weightPercent: number
  /** The least time that the step is watched, however clear its counts are. */
  readonly holdSeconds: number
  /** After that, too little evidence is treated as `inconclusive` says. */
  readonly maximumSeconds: number
}

/** What too little evidence does: wait for a person or more traffic, make requests ourselves, or take the traffic away. */
export type InconclusivePolicy = "hold" | "synthesize" | "rollback"

/** All that a rollout is led by; it does not change while the rollout lasts. */
export interface RolloutPlan {
  readonly kind: "canary" | "blueGreen"
  /** The release that is rolled out, by digest. */
  readonly release: string
  readonly steps: readonly RolloutStep[]
  readonly inconclusive: InconclusivePolicy
  readonly judge: JudgePolicy
  readonly intervalSeconds: number
  /** How long the new pods may take. */
  readonly readySeconds: number
  /** How long a router may take to give the weight that it was told. */
  readonly observeSeconds: number
  /** How long a canary may carry traffic unseen. */
  readonly blindSeconds: number
  readonly drainSeconds: number
  /** How long the old colour stays after a switch. */
  readonly keepSeconds: number
}

const DEADLINES = { readySeconds: 300, observeSeconds: 60, blindSeconds: 60, drainSeconds: 15 }

/** Stable is made new only behind a canary that carries everything, so the last step is always 100 %. */
export function canaryPlan(strategy: CanaryStrategy, release: string, services: readonly string[] = []): RolloutPlan {
  const last = strategy.steps.at(-1)
  const whole = last === undefined || last.weightPercent === 100 ? [] : [{ ...last, weightPercent: 100 }]
  const steps = [...strategy.steps, ...whole]
  return {
    kind: "canary",
    release,
    steps,
    inconclusive: strategy.inconclusive,
    judge: judgePolicy({ ...strategy, queries: Object.keys(strategy.queries), services, plannedSteps: steps.length }),
    intervalSeconds: strategy.intervalSeconds,
    keepSeconds: 0,
    ...DEADLINES,
  }
}

/** One step from nothing to everything, watched, and a way back while the old colour is kept. */
export function blueGreenPlan(strategy: BlueGreenStrategy, release: string, services: readonly string[] = []): RolloutPlan {
  const { watchSeconds, keepSeconds, intervalSeconds } = strategy
  return {
    kind: "blueGreen",
    release,
    steps: [{ weightPercent: 100, holdSeconds: watchSeconds, maximumSeconds: strategy.maximumSeconds }],
    inconclusive: strategy.inconclusive,
    judge: judgePolicy({ ...strategy, queries: [], services, plannedSteps: 1 }),
    intervalSeconds,
    keepSeconds,
    ...DEADLINES,
  }
}

/** `services`: those whose traffic is split. */
export const rolloutPlan = (strategy: CanaryStrategy | BlueGreenStrategy, release: string, services: readonly string[]): RolloutPlan =>
  strategy.kind === "canary" ? canaryPlan(strategy, release, services) : blueGreenPlan(strategy, release, services)
