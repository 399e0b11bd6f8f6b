import { dag, type Container, type Directory } from "@dagger.io/dagger"
import type { HelmRelease } from "../core/deploy/helm.js"
import { makeRelease, releaseValues, type Release } from "../core/release.js"
import type { PlannedStage } from "../core/plan.js"
import { pullBundle, withTexts } from "./chart-bundle.js"
import { packageChartImages } from "./chart-images.js"
import { nextNonce, uncached } from "./exec.js"
import { chartOf, environmentOf, packagedDigests, releaseName, type Run } from "./run.js"
import { STAGING_ADDRESS } from "./staging-registry.js"
import { kubeTools, type Target } from "./target.js"
import { remoteRelease } from "./verified-release.js"

const RELEASE_VALUES = "/work/release-values.json"

/** Helm with the chart, the environment's values and the release's images, ready to act on the cluster. */
export interface HelmTools {
  readonly release: HelmRelease
  readonly container: Container
  readonly target: Target
  readonly deployed: Release
}

export async function helmTools(run: Run, planned: PlannedStage): Promise<HelmTools> {
  const environment = environmentOf(run, planned)
  const { config } = run.checkout
  const chart = chartOf(run)
  const deployed = await releaseFor(run, environment.name)
  const target = await run.target(environment.name)
  const values = environment.values.map((path, index) => ({ path, mounted: `/work/values-${index}.yaml` }))
  const { chartFolder, valuesFolder } = await chartFiles(run, deployed)
  let container = kubeTools(run.checkout, target).withDirectory("/work/chart", chartFolder)
  for (const { path, mounted } of values) container = container.withFile(mounted, valuesFolder.file(path))
  container = container.withNewFile(RELEASE_VALUES, JSON.stringify(releaseValues(deployed, config, environment.strategy)))
  return {
    target,
    deployed,
    container: uncached(container, nextNonce(run.header.runId)),
    release: { name: chart.release, namespace: environment.namespace, chart: "chart", values: [...values.map(({ mounted }) => mounted), RELEASE_VALUES] },
  }
}

/** Chart and values of the release as it was pushed; of the checkout where nothing was. */
async function chartFiles(run: Run, deployed: Release): Promise<{ readonly chartFolder: Directory; readonly valuesFolder: Directory }> {
  const { source } = run.checkout
  if (deployed.chartDigest === null) return { chartFolder: source.directory(chartOf(run).path), valuesFolder: source }
  const { chart, values } = await pullBundle(run, deployed)
  return { chartFolder: withTexts(dag.directory(), chart), valuesFolder: withTexts(dag.directory(), values) }
}

/** The images that an environment runs: for `local` those that this run has made, else those that were pushed for the commit. */
async function releaseFor(run: Run, environment: string): Promise<Release> {
  if (environment !== "local") return (await remoteRelease(run)).release
  await packageChartImages(run)
  return makeRelease(releaseName(run), STAGING_ADDRESS, run.checkout.config, packagedDigests(run))
}
