import { SWITCH_IMAGE } from "../core/config/chart.js"
import { helperNames, imageRepository } from "../core/release.js"
import { SWITCH_COMMAND, switchImage } from "./canary-program.js"
import { normalImage } from "./normal-image.js"
import { publishBase, publishOnBase } from "./publish-once.js"
import { factsForImages, type Run } from "./run.js"
import { stagingRepository } from "./staging-repository.js"

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
  const { config, image } = run.checkout
  await Promise.all(
    helperNames(config).map(async (name) => {
      const key = config.chart?.images?.[name] ?? name
      const repository = imageRepository(config, name)
      run.packaged.set(name, { digest: key === SWITCH_IMAGE ? await publishSwitch(run, repository) : (await publishBase(run, repository, image(key))).digest })
    }),
  )
}

/** Ours, so made as the services' images are: one commit, one digest. */
async function publishSwitch(run: Run, title: string): Promise<string> {
  const published = await publishOnBase(run, { container: await switchImage(run), repository: title, recipe: SWITCH_COMMAND, base: run.checkout.image("node"), platform: null })
  return (await normalImage({ repository: await stagingRepository(run, title), images: [published], facts: factsForImages(run), title })).digest
}
