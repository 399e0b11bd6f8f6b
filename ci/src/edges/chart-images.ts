import { dag } from "@dagger.io/dagger"
import { digestOf, helperNames, imageRepository } from "../core/release.js"
import type { Run } from "./run.js"
import { STAGING_ADDRESS } from "./staging-registry.js"

const publishing = new WeakMap<Run, Promise<void>>()

/** Puts the images that the chart needs besides the services' into the run's own registry, as the publisher made them; once a run. */
export function packageChartImages(run: Run): Promise<void> {
  const promise =
    publishing.get(run) ??
    publishChartImages(run).catch((error: unknown) => {
      // A stage that is tried again tries this again too.
      publishing.delete(run)
      throw error
    })
  publishing.set(run, promise)
  return promise
}

async function publishChartImages(run: Run): Promise<void> {
  const { config, image } = run.checkout
  const names = helperNames(config)
  if (names.length === 0) return
  const registryService = await run.stagingRegistry()
  await Promise.all(
    names.map(async (name) => {
      const container = dag.container().from(image(config.chart?.images?.[name] ?? name))
      const ref = await container.publish(`${STAGING_ADDRESS}/${imageRepository(config, name)}:${run.header.runId}`, { registryService })
      run.packaged.set(name, { digest: digestOf(ref) })
    }),
  )
}
