import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import type { DeployStrategy } from "../../core/config/strategy.js"
import { blueGreenPlan, canaryPlan, type RolloutPlan } from "../../core/canary/rollout-plan.js"
import type { RolloutFacts } from "../../core/canary/stored-rollout.js"
import { changedServiceNames, idleColour, liveTrack, mergedServices, servicesOfTrack, type TrackServices } from "../../core/canary/track-values.js"
import { helmValuesArguments } from "../../core/deploy/helm.js"
import { UsageError } from "../../core/errors.js"
import { SWITCH_IMAGE } from "../../core/config/chart.js"
import { lastLines } from "../../core/gates/exec.js"
import { loadYaml } from "../../core/lazy.js"
import type { PlannedStage } from "../../core/plan.js"
import { nextNonce, runCommand, uncached } from "../exec.js"
import type { HelmTools } from "../helm-release.js"
import { environmentOf, limits, type Run } from "../run.js"

/** What a rollout of this release would be. */
export interface WantedRollout {
  readonly facts: RolloutFacts
  readonly plan: RolloutPlan
  readonly trackServices: TrackServices
}

export type TrafficStrategy = Exclude<DeployStrategy, { readonly kind: "rolling" }>

/** Which services get a track, with which values, beside which revision. */
export async function wantedRollout(run: Run, planned: PlannedStage, tools: HelmTools, about: { readonly strategy: TrafficStrategy; readonly captured: number; readonly content: string; readonly planHash: string; readonly approvedBy: string | null }): Promise<WantedRollout> {
  const { strategy, captured, content, planHash, approvedBy } = about
  const environment = environmentOf(run, planned)
  refuseWithoutSwitch(run, tools, environment.name, strategy.kind)
  const { commit, images } = tools.deployed
  const [running, trackServices] = await Promise.all([valuesOf(run, planned, tools, captured), releasedServices(tools)])
  const services = Object.values(run.checkout.config.services)
  const all = strategy.kind === "blueGreen" || environment.name === LOCAL_ENVIRONMENT
  const live = liveTrack(running)
  const release = `${commit.slice(0, 12)}-${content.slice(0, 12)}`
  return {
    plan: strategy.kind === "canary" ? canaryPlan(strategy, release) : blueGreenPlan(strategy, release),
    trackServices,
    facts: {
      runId: run.header.runId,
      environment: environment.name,
      commit,
      images: Object.fromEntries(Object.entries(images).map(([name, { ref }]) => [name, ref])),
      content,
      plan: planHash,
      approvedBy,
      startedAt: new Date().toISOString(),
      live,
      track: strategy.kind === "canary" ? "canary" : idleColour(live),
      services: all ? services.map(({ name }) => name) : servicesOfTrack(services, changedServiceNames(running, trackServices)),
      captured,
      withTrack: null,
    },
  }
}

/** Nothing gets traffic that the cluster could not take away by itself. */
function refuseWithoutSwitch(run: Run, { deployed }: HelmTools, environment: string, strategy: string): void {
  const helper = Object.entries(run.checkout.config.chart?.images ?? {}).find(([, key]) => key === SWITCH_IMAGE)?.[0]
  if (helper !== undefined && deployed.images[helper] !== undefined) return
  throw new UsageError(`environment ${environment}: expected the image of the dead man's switch in the release, for its strategy is ${strategy}, got none. Add \`switch: ${SWITCH_IMAGE}\` to chart.images of delivery.yaml, and a chart that knows tracks (docs/canary.md); then push again.`)
}

async function valuesOf(run: Run, planned: PlannedStage, { container, release }: HelmTools, revision: number): Promise<TrackServices> {
  const got = await runCommand(uncached(container, nextNonce(run.header.runId)), helmValuesArguments(release, revision), limits(run, planned))
  if (got.exitCode !== 0) throw new Error(`helm get values: ${lastLines(got.stderr, 2)}`)
  return mergedServices([JSON.parse(got.stdout)])
}

/** What the release's values say about the services, all files laid over each other. */
async function releasedServices({ container, release }: HelmTools): Promise<TrackServices> {
  const { parseDocument } = await loadYaml()
  const texts = await Promise.all(release.values.map((file) => container.file(file).contents()))
  return mergedServices(texts.map((text) => parseDocument(text, {}).toJS()))
}
