import { createHash } from "node:crypto"
import { dag, type Container, type Platform } from "@dagger.io/dagger"
import { digestOf } from "../core/release.js"
import { nextNonce } from "./exec.js"
import { containerOf } from "./image-container.js"
import type { PackedImage } from "./normal-image.js"
import type { Run } from "./run.js"
import { stagingRepository } from "./staging-repository.js"
import { STAGING_ADDRESS } from "./staging-registry.js"

export interface ImageToPublish {
  readonly container: Container
  readonly repository: string
  /** What its configuration comes from, such as a Dockerfile's text: its files do not show that. */
  readonly recipe: readonly string[]
}

export interface PublishedImage {
  readonly digest: string
  /** An earlier run has made the very same. */
  readonly unchanged: boolean
}

/**
 * Puts an image into the run's own registry, unless an earlier run has put the very same there. The engine forgets with each
 * session how it packed a layer, those of the base too: a publish packs and compresses everything again, for seconds.
 */
export async function publishOnce(run: Run, { container, repository, recipe }: ImageToPublish): Promise<PublishedImage> {
  const first = await firstRunWith(run, container)
  const tag = `made-${createHash("sha256").update(JSON.stringify([first, ...recipe])).digest("hex").slice(0, 40)}`
  const there = await (await stagingRepository(run, repository)).manifest(tag)
  const digest = there?.digest ?? digestOf(await container.publish(`${STAGING_ADDRESS}/${repository}:${tag}`, { registryService: await run.stagingRegistry() }))
  return { digest, unchanged: first.split(" ")[0] !== run.header.runId }
}

/** Somebody else's image, as it is made there. */
export async function publishBase(run: Run, repository: string, name: string, platform: Platform | null = null): Promise<PublishedImage> {
  const container = dag.container(platform === null ? {} : { platform }).from(name)
  // By what its tag stands for now: another configuration may come with the same files.
  return publishOnce(run, { container, repository, recipe: [await container.imageRef(), platform ?? ""] })
}

export interface ImageOnBase extends ImageToPublish {
  /** What it stands on; null for nothing. */
  readonly base: string | null
  readonly platform: Platform | null
}

/** An image, and beside it the one that it stands on: its layers have to be there anyway, and part of its configuration comes from it. */
export async function publishOnBase(run: Run, { container, repository, recipe, base, platform }: ImageOnBase): Promise<PackedImage & PublishedImage> {
  const under = base === null ? null : await publishBase(run, repository, base, platform)
  const own = await publishOnce(run, { container, repository, recipe: [...recipe, platform ?? "", under?.digest ?? ""] })
  return { ...own, platform, base: base === null || under === null ? null : { name: base, digest: under.digest } }
}

/** The run that first met these files: an exec on them whose answer the engine has already where an earlier run has asked. */
async function firstRunWith(run: Run, container: Container): Promise<string> {
  return containerOf(run.checkout.image("debian"))
    .withMountedDirectory("/image", container.rootfs())
    .withVolatileVariable("DELIVERY_ASKED", `${run.header.runId} ${nextNonce(run.header.runId)}`)
    .withExec(["sh", "-c", 'printf %s "$DELIVERY_ASKED"'])
    .stdout()
}
