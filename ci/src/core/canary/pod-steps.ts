import type { CanaryStrategy, DeployStrategy, TrafficRouter } from "../config/strategy.js"
import { replicaWeight, type StablePods } from "./replica-weight.js"

type MovingStrategy = Exclude<DeployStrategy, { readonly kind: "rolling" }>

export interface PodSteps<Strategy extends MovingStrategy> {
  /** With the weights that whole pods truly carry. */
  readonly strategy: Strategy
  /** Why it cannot be; null when it can. */
  readonly refusal: string | null
}

/** The steps of a rollout without a router, by what the pods that are there can carry. A colour gets everything or nothing, which the selector holds. */
export function podSteps<Strategy extends MovingStrategy>(strategy: Strategy, services: readonly StablePods[]): PodSteps<Strategy> {
  if (strategy.kind !== "canary") return { strategy, refusal: null }
  const { steps } = strategy as CanaryStrategy
  const weights = steps.map((step) => ({ step, weight: replicaWeight(step.weightPercent, services) }))
  const reasons = weights.flatMap(({ weight }) => (weight.kind === "refused" ? [weight.reason] : []))
  if (reasons.length > 0) return { strategy, refusal: `${reasons.join(". ")}. Ask for weights that whole pods carry, scale the services, or give the environment a router (delivery.yaml, strategy.canary.router)` }
  const carried = weights.map(({ step, weight }) => ({ ...step, weightPercent: weight.kind === "carried" ? weight.weightPercent : step.weightPercent }))
  const double = carried.find(({ weightPercent }, index) => weightPercent <= (carried[index - 1]?.weightPercent ?? 0))
  const asked = steps.map(({ weightPercent }) => weightPercent).join(" → ")
  if (double !== undefined) return { strategy, refusal: `steps ${asked} % are ${carried.map(({ weightPercent }) => weightPercent).join(" → ")} % with whole pods: two of them are the same. Leave one out, or scale the services` }
  return { strategy: { ...strategy, steps: carried }, refusal: null }
}

/** The two ways to carry a weight cannot be changed under a release that is led by one of them. */
export function changedRouter(runningValues: object, wanted: TrafficRouter): string | null {
  const { tracks } = runningValues as { readonly tracks?: { readonly enabled?: boolean; readonly router?: TrafficRouter } }
  const running = tracks?.router ?? "gateway"
  if (tracks?.enabled !== true || running === wanted) return null
  return `the running release was deployed with router ${running}, asked for ${wanted}: deploy once with strategy rolling in between`
}
