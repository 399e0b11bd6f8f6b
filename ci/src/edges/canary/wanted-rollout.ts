import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import { SWITCH_IMAGE } from "../../core/config/chart.js"
import type { DeployStrategy } from "../../core/config/strategy.js"
import { rolloutPlan, type RolloutPlan } from "../../core/canary/rollout-plan.js"
import { changedRouter, podSteps } from "../../core/canary/pod-steps.js"
import { livePods, splitServices } from "../../core/canary/track-pods.js"
import type { RolloutFacts } from "../../core/canary/stored-rollout.js"
import { changedServiceNames, idleColour, liveTrack, mergedServices, servicesOfTrack, type TrackServices } from "../../core/canary/track-values.js"
import { releaseOfRevision } from "../../core/deploy/history.js"
import { UsageError } from "../../core/errors.js"
import { checkedServices } from "../../core/gates/smoke.js"
import { loadYaml } from "../../core/lazy.js"
import type { PlannedStage } from "../../core/plan.js"
import { readDeliveryState } from "../deploy/delivery-state.js"
import { valuesOfRevision } from "../deploy/helm-storage.js"
import { lookAtRollout } from "../rollout.js"
import { imageRefs } from "../../core/release.js"
import type { HelmTools } from "../helm-release.js"
import { environmentOf, type PlannedDeploy, type Run } from "../run.js"

export type TrafficStrategy = Exclude<DeployStrategy, { readonly kind: "rolling" }>

/** What a rollout of this release would be, before there is a plan of it. */
export interface RolloutDraft extends Pick<RolloutFacts, "commit" | "live" | "track" | "services" | "captured" | "capturedChecks" | "router"> {
  readonly strategy: TrafficStrategy
  readonly trackServices: TrackServices
  /** What the running revision was given, as Helm has it. */
  readonly runningValues: object
  /** Why it cannot be begun: weights that the pods there cannot carry. Null when it can. */
  readonly refusal: string | null
}

/** What a rollout of this release is. */
export interface WantedRollout {
  readonly facts: RolloutFacts
  readonly plan: RolloutPlan
  readonly trackServices: TrackServices
}

/** Which services get a track, with which values, beside which revision. */
export async function draftRollout(run: Run, planned: PlannedStage, tools: HelmTools, strategy: TrafficStrategy, captured: number): Promise<RolloutDraft> {
  const environment = environmentOf(run, planned)
  refuseWithoutSwitch(run, tools, environment.name, strategy.kind)
  const place = { connection: tools.target.connection, release: tools.release }
  const [runningValues, trackServices, { records }] = await Promise.all([valuesOfRevision(place, captured), releasedServices(tools), readDeliveryState(place.connection, tools.release.namespace, tools.release.name)])
  const running = mergedServices([runningValues])
  const services = Object.values(run.checkout.config.services)
  const live = liveTrack(running)
  // Beside a colour stable has no pods: a service without a track would be without any when the release's own values come back.
  const all = strategy.kind === "blueGreen" || environment.name === LOCAL_ENVIRONMENT || live !== "stable"
  const router = strategy.router ?? "gateway"
  const names = all ? services.map(({ name }) => name) : servicesOfTrack(services, changedServiceNames(running, trackServices))
  const { strategy: carried, refusal } = router === "replicas" ? podSteps(strategy, livePods((await lookAtRollout(place.connection, place.release)).workloads, place.release.name, splitServices(services, names), live)) : { strategy, refusal: null }
  return {
    strategy: carried,
    refusal: changedRouter(runningValues, router) ?? refusal,
    router,
    commit: tools.deployed.commit,
    captured,
    capturedChecks: releaseOfRevision(records, captured).checks,
    live,
    track: strategy.kind === "canary" ? "canary" : idleColour(live),
    services: names,
    trackServices,
    runningValues,
  }
}

export function wantedRollout(run: Run, environment: string, { deployed }: HelmTools, draft: RolloutDraft, { content, hash }: Pick<PlannedDeploy, "content" | "hash">, approvedBy: string | null): WantedRollout {
  const { strategy, commit, live, track, services, captured, capturedChecks, trackServices, router = "gateway" } = draft
  const release = `${commit.slice(0, 12)}-${content.slice(0, 12)}`
  const images = imageRefs(deployed)
  return {
    plan: rolloutPlan(strategy, release, splitServices(Object.values(run.checkout.config.services), services)),
    trackServices,
    facts: { runId: run.header.runId, environment, commit, images, content, checks: checkedServices(Object.values(run.checkout.config.services)), capturedChecks, plan: hash, approvedBy, startedAt: new Date().toISOString(), router, live, track, services, captured, withTrack: null },
  }
}

/** Nothing gets traffic that the cluster could not take away by itself. */
function refuseWithoutSwitch(run: Run, { deployed }: HelmTools, environment: string, strategy: string): void {
  const helper = Object.entries(run.checkout.config.chart?.images ?? {}).find(([, key]) => key === SWITCH_IMAGE)?.[0]
  if (helper !== undefined && deployed.images[helper] !== undefined) return
  throw new UsageError(`environment ${environment}: expected the image of the dead man's switch in the release, for its strategy is ${strategy}, got none. Add \`switch: ${SWITCH_IMAGE}\` to chart.images of delivery.yaml, and a chart that knows tracks (docs/canary.md); then push again.`)
}

/** What the release's values say about the services, all files laid over each other. */
async function releasedServices({ container, release }: HelmTools): Promise<TrackServices> {
  const { parseDocument } = await loadYaml()
  const texts = await Promise.all(release.values.map((file) => container.file(file).contents()))
  return mergedServices(texts.map((text) => parseDocument(text, {}).toJS()))
}
