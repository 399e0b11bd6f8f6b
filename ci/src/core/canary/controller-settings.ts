import type { CanaryQuery, RequestMetric } from "../config/strategy.js"
import type { ServiceConfig } from "../config/services.js"
import type { HelmRelease } from "../deploy/helm.js"
import type { RolloutPlan } from "./rollout-plan.js"
import type { RolloutFacts } from "./stored-rollout.js"
import type { TrackServices } from "./track-values.js"

/** What the module tells the canary's program; plain data, and no secret in it. */
export interface ControllerSettings {
  readonly runId: string
  readonly release: HelmRelease
  /** Folder that the chart and its values lie in. */
  readonly workdir: string
  /** Where what it leaves goes. */
  readonly out: string
  /** Null: take up what the cluster holds, and end it. */
  readonly begin: { readonly facts: RolloutFacts; readonly plan: RolloutPlan; readonly trackServices: TrackServices; readonly untilWeight: boolean } | null
  readonly services: readonly ServiceConfig[]
  readonly gatewayUrl: string | null
  readonly prometheusUrl: string
  readonly latencyMs: number
  /** Where the services count their own requests; left out: the router does. */
  readonly requestMetric?: RequestMetric
  readonly queries: Readonly<Record<string, CanaryQuery>>
  /** `everybody`: users are we, too. */
  readonly traffic: { readonly script: string; readonly requestsPerSecond: number; readonly everybody: boolean } | null
  readonly timeoutSeconds: number
  /** The environment's Lease, which the caller holds and renews. */
  readonly lease: { readonly name: string; readonly holder: string }
}
