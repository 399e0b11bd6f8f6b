import { dag, type Container } from "@dagger.io/dagger"
import { SWITCH_IMAGE } from "../core/config/chart.js"
import { digestOf, helperNames, imageRepository } from "../core/release.js"
import { switchImage } from "./canary-program.js"
import { normalImage } from "./normal-image.js"
import type { Run } from "./run.js"
import { stagingRepository } from "./staging-repository.js"
import { STAGING_ADDRESS } from "./staging-registry.js"

const publishing = new WeakMap<Run, Promise<void>>()

/** Puts the images that the chart needs besides the services' into the run's own registry, as their publishers made them, and the module its own; once a run. */
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
  const { config } = run.checkout
  await Promise.all(
    helperNames(config).map(async (name) => {
      const key = config.chart?.images?.[name] ?? name
      run.packaged.set(name, { digest: key === SWITCH_IMAGE ? await publishSwitch(run, name) : await publish(run, name, dag.container().from(run.checkout.image(key)), run.header.runId) })
    }),
  )
}

async function publish(run: Run, name: string, container: Container, tag: string): Promise<string> {
  return digestOf(await container.publish(`${STAGING_ADDRESS}/${imageRepository(run.checkout.config, name)}:${tag}`, { registryService: await run.stagingRegistry() }))
}

/** Ours, so made as the services' images are: one commit, one digest. */
async function publishSwitch(run: Run, name: string): Promise<string> {
  const { config } = run.checkout
  const base = run.checkout.image("node")
  const title = imageRepository(config, name)
  const [reference, baseDigest] = await Promise.all([switchImage(run).then((image) => publish(run, name, image, run.header.runId)), publish(run, name, dag.container().from(base), `${run.header.runId}-base`)])
  const repository = await stagingRepository(run, title)
  const baseLayers = new Set((await repository.manifest(baseDigest))?.parts.layers?.map(({ digest }) => digest))
  const { commit, dirty } = run.header
  const facts = { commit, dirty, commitTime: run.commitTime, version: run.version, repository: config.repository }
  return (await normalImage({ repository, reference, base, baseLayers, facts, title })).digest
}
