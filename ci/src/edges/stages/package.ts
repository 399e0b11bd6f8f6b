import { dag, type Container, type File, type Platform } from "@dagger.io/dagger"
import { baseImageArguments, pathInContext } from "../../core/dockerfile.js"
import { judgePackageFailure } from "../../core/gates/package.js"
import { InternalError } from "../../core/errors.js"
import { finalBase } from "../../core/package/final-base.js"
import { passedGate } from "../../core/gates/gate.js"
import { digestOf } from "../../core/release.js"
import type { ServiceConfig } from "../../core/config/services.js"
import { textFile } from "../exec.js"
import { containerOf } from "../image-container.js"
import { normalImage } from "../normal-image.js"
import { serviceOf, type Run, type StageWork } from "../run.js"
import { stagingRepository } from "../staging-repository.js"
import { STAGING_ADDRESS } from "../staging-registry.js"

/** Builds the service's image and puts it into the run's own registry, where it waits for the gates, as every build of this commit makes it. */
export const packageImage: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const platforms = service.platforms.map((platform) => platform as Platform)
  let images: readonly Container[]
  let cached: boolean
  try {
    images = await Promise.all(platforms.length === 0 ? [imageOf(run, service)] : platforms.map((platform) => imageOf(run, service, platform)))
    await Promise.all(images.map((image) => image.sync()))
    cached = (await Promise.all(images.map((image) => isUnchanged(run, image)))).every((unchanged) => unchanged)
  } catch (error) {
    const message = messageOf(error)
    return { gate: judgePackageFailure(message), evidence: textFile(`logs/package-${service.name}.log`, `${message}\n`) }
  }
  const base = finalBase(await dockerfileOf(run, service).contents(), Object.fromEntries((await buildArguments(run, service)).map(({ name, value }) => [name, value])))
  const [staged, baseLayers] = await Promise.all([stage(run, service, images, run.header.runId), base === null ? new Set<string>() : layersOnce(run, service, base, platforms)])
  const made = await normalImage({
    repository: await stagingRepository(run, service.image),
    reference: digestOf(staged),
    base,
    baseLayers,
    facts: { commit: run.header.commit, dirty: run.header.dirty, commitTime: run.commitTime, version: run.version, repository: run.checkout.config.repository },
    title: service.image,
  })
  run.packaged.set(service.name, { digest: made.digest })
  const many = platforms.length === 0 ? "" : ` (${platforms.join(", ")})`
  const evidence = textFile(`images/${service.name}.json`, `${JSON.stringify({ digest: made.digest, manifest: made.parts }, null, 2)}\n`)
  return { gate: passedGate(`${service.image}@${made.digest.slice(0, 19)}…${many}`), cached, evidence }
}

/** Puts an image into the run's own registry, under a tag that holds it until the next runs. */
async function stage(run: Run, { image }: ServiceConfig, [first, ...platformVariants]: readonly Container[], tag: string): Promise<string> {
  if (first === undefined) throw new InternalError(`no image of ${image} was built`)
  return first.publish(`${STAGING_ADDRESS}/${image}:${tag}`, { registryService: await run.stagingRegistry(), platformVariants })
}

const layersByBase = new WeakMap<Run, Map<string, Promise<ReadonlySet<string>>>>()

/** The same for all services on one base. */
function layersOnce(run: Run, service: ServiceConfig, base: string, platforms: readonly Platform[]): Promise<ReadonlySet<string>> {
  const known = layersByBase.get(run) ?? new Map<string, Promise<ReadonlySet<string>>>()
  layersByBase.set(run, known)
  const key = [base, ...platforms].join(" ")
  const layers = known.get(key) ?? layersOf(run, service, base, platforms)
  known.set(key, layers)
  // A stage that is tried again asks again too.
  layers.catch(() => known.delete(key))
  return layers
}

/** The layers of the image that it stands on: in the same repository, where they have to be anyway. */
async function layersOf(run: Run, service: ServiceConfig, base: string, platforms: readonly Platform[]): Promise<ReadonlySet<string>> {
  const images = platforms.length === 0 ? [dag.container().from(base)] : platforms.map((platform) => dag.container({ platform }).from(base))
  const ref = await stage(run, service, images, `${run.header.runId}-base`)
  const repository = await stagingRepository(run, service.image)
  const top = await repository.manifest(digestOf(ref))
  const all = top?.parts.manifests === undefined ? [top] : await Promise.all(top.parts.manifests.map(({ digest }) => repository.manifest(digest)))
  return new Set(all.flatMap((manifest) => manifest?.parts.layers?.map(({ digest }) => digest) ?? []))
}

const dockerfileOf = (run: Run, { name, dockerfile }: ServiceConfig): File => {
  if (dockerfile === null) throw new InternalError(`service ${name} has no Dockerfile; the plan skips it`)
  return run.checkout.source.file(dockerfile)
}

const buildArguments = async (run: Run, service: ServiceConfig) => baseImageArguments(await dockerfileOf(run, service).contents(), run.checkout.image)

async function imageOf(run: Run, service: ServiceConfig, platform?: Platform): Promise<Container> {
  const file = dockerfileOf(run, service)
  const inContext = pathInContext(service.dockerfile ?? "", service.context)
  // A changed file time alone would make another layer, so that two clones of one commit would not agree.
  const context = run.checkout.source.directory(service.context).withTimestamps(0)
  return (inContext === null ? context.withFile("delivery.Dockerfile", file) : context).dockerBuild({
    dockerfile: inContext ?? "delivery.Dockerfile",
    buildArgs: [...(await buildArguments(run, service))],
    ...(platform === undefined ? {} : { platform }),
  })
}

/** An exec on the image's files: the engine has its result already when an earlier run made the very same files. */
async function isUnchanged(run: Run, image: Container): Promise<boolean> {
  const { runId } = run.header
  const probe = containerOf(run.checkout.image("debian"))
    .withMountedDirectory("/image", image.rootfs())
    .withVolatileVariable("DELIVERY_RUN_ID", runId)
    .withExec(["sh", "-c", 'printf %s "$DELIVERY_RUN_ID"'])
  return (await probe.stdout()) !== runId
}

/** What a failed RUN step wrote counts more than the engine's own words. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { stdout, stderr } = error as { stdout?: unknown; stderr?: unknown }
  return [error.message, stdout, stderr].filter((text): text is string => typeof text === "string" && text.trim() !== "").join("\n")
}
