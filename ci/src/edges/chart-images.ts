import { dag } from "@dagger.io/dagger"
import { digestOf, helperNames, imageRepository } from "../core/release.js"
import type { Run } from "./run.js"
import { STAGING_ADDRESS } from "./staging-registry.js"

/** Puts the images that the chart needs besides the services' into the run's own registry, as the publisher made them. */
export async function packageChartImages(run: Run): Promise<void> {
  const { config, image } = run.checkout
  const missing = helperNames(config).filter((name) => !run.packaged.has(name))
  if (missing.length === 0) return
  const registryService = await run.stagingRegistry()
  await Promise.all(
    missing.map(async (name) => {
      const container = dag.container().from(image(config.chart?.images?.[name] ?? name))
      const ref = await container.publish(`${STAGING_ADDRESS}/${imageRepository(config, name)}:${run.header.runId}`, { registryService })
      run.packaged.set(name, { container, digest: digestOf(ref) })
    }),
  )
}
