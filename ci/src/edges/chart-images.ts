import { dag, type Container } from "@dagger.io/dagger"
import { SWITCH_IMAGE } from "../core/config/chart.js"
import { helperNames, imageRepository } from "../core/release.js"
import { SWITCH_COMMAND, switchImage } from "./canary-program.js"
import { normalImage } from "./normal-image.js"
import { publishOnce } from "./publish-once.js"
import type { Run } from "./run.js"
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
      run.packaged.set(name, { digest: key === SWITCH_IMAGE ? await publishSwitch(run, name) : await publish(run, name, dag.container().from(image(key)), [image(key)]) })
    }),
  )
}

async function publish(run: Run, name: string, container: Container, recipe: readonly string[]): Promise<string> {
  return (await publishOnce(run, { container, repository: imageRepository(run.checkout.config, name), recipe })).digest
}

/** Ours, so made as the services' images are: one commit, one digest. */
async function publishSwitch(run: Run, name: string): Promise<string> {
  const { config, image } = run.checkout
  const base = image("node")
  const title = imageRepository(config, name)
  const [digest, baseDigest] = await Promise.all([switchImage(run).then((made) => publish(run, name, made, [base, ...SWITCH_COMMAND])), publish(run, name, dag.container().from(base), [base])])
  const { commit, dirty } = run.header
  const facts = { commit, dirty, commitTime: run.commitTime, version: run.version, repository: config.repository }
  const repository = await stagingRepository(run, title)
  return (await normalImage({ repository, images: [{ digest, platform: null, base: { name: base, digest: baseDigest } }], facts, title })).digest
}
