import type { Container } from "@dagger.io/dagger"
import type { HelmRelease } from "../core/deploy/helm.js"
import { makeRelease, releaseValues, type Release } from "../core/release.js"
import type { PlannedStage } from "../core/plan.js"
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
}

export async function helmTools(run: Run, planned: PlannedStage): Promise<HelmTools> {
  const environment = environmentOf(run, planned)
  const { config, source } = run.checkout
  const chart = chartOf(run)
  const deployed = await releaseFor(run, environment.name)
  const target = await run.target(environment.name)
  let container = kubeTools(run.checkout, target).withDirectory("/work/chart", source.directory(chart.path))
  const values = environment.values.map((path, index) => ({ path, mounted: `/work/values-${index}.yaml` }))
  for (const { path, mounted } of values) container = container.withFile(mounted, source.file(path))
  container = container.withNewFile(RELEASE_VALUES, JSON.stringify(releaseValues(deployed, config)))
  return {
    target,
    container: uncached(container, nextNonce(run.header.runId)),
    release: { name: chart.release, namespace: environment.namespace, chart: "chart", values: [...values.map(({ mounted }) => mounted), RELEASE_VALUES] },
  }
}

/** The images that an environment runs: for `local` those that this run has made, else those that were pushed for the commit. */
async function releaseFor(run: Run, environment: string): Promise<Release> {
  if (environment !== "local") return (await remoteRelease(run)).release
  await packageChartImages(run)
  return makeRelease(releaseName(run), STAGING_ADDRESS, run.checkout.config, packagedDigests(run))
}

/** The namespace with the Pod Security that the chart is made for. */
export function namespaceManifest(name: string): string {
  const labels = Object.fromEntries(["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]))
  return JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } })
}
