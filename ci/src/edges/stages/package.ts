import type { Container, File, Platform } from "@dagger.io/dagger"
import { baseImageArguments, pathInContext } from "../../core/dockerfile.js"
import { judgePackageFailure } from "../../core/gates/package.js"
import { InternalError } from "../../core/errors.js"
import { finalBase } from "../../core/package/final-base.js"
import { passedGate } from "../../core/gates/gate.js"
import type { ServiceConfig } from "../../core/config/services.js"
import { textFile } from "../exec.js"
import { normalImage } from "../normal-image.js"
import { publishOnBase } from "../publish-once.js"
import { factsForImages, serviceOf, type Run, type StageWork } from "../run.js"
import { stagingRepository } from "../staging-repository.js"

/** Builds the service's image and puts it into the run's own registry, where it waits for the gates, as every build of this commit makes it. */
export const packageImage: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const platforms = service.platforms.length === 0 ? [null] : service.platforms.map((platform) => platform as Platform)
  let recipe: ImageRecipe
  let containers: readonly Container[]
  try {
    recipe = recipeOf(await dockerfileOf(run, service).contents(), run.checkout.image)
    const { buildArguments } = recipe
    containers = await Promise.all(platforms.map((platform) => imageOf(run, service, buildArguments, platform).sync()))
  } catch (error) {
    const message = messageOf(error)
    return { gate: judgePackageFailure(message), evidence: textFile(`logs/package-${service.name}.log`, `${message}\n`) }
  }
  const { dockerfile, buildArguments, base } = recipe
  const onBase = { repository: service.image, recipe: [dockerfile, JSON.stringify(buildArguments)], base }
  const built = await Promise.all(containers.map((container, index) => publishOnBase(run, { ...onBase, container, platform: platforms[index] ?? null })))
  const cached = built.every(({ unchanged }) => unchanged)
  const made = await normalImage({ repository: await stagingRepository(run, service.image), images: built, facts: factsForImages(run), title: service.image })
  run.packaged.set(service.name, { digest: made.digest })
  const many = service.platforms.length === 0 ? "" : ` (${service.platforms.join(", ")})`
  const evidence = textFile(`images/${service.name}.json`, `${JSON.stringify({ digest: made.digest, manifest: made.parts }, null, 2)}\n`)
  return { gate: passedGate(`${service.image}@${made.digest.slice(0, 19)}…${many}`), cached, evidence }
}

interface ImageRecipe {
  readonly dockerfile: string
  readonly buildArguments: BuildArguments
  /** What the last stage stands on; null for nothing. */
  readonly base: string | null
}

function recipeOf(dockerfile: string, image: (key: string) => string): ImageRecipe {
  const buildArguments = baseImageArguments(dockerfile, image)
  return { dockerfile, buildArguments, base: finalBase(dockerfile, Object.fromEntries(buildArguments.map(({ name, value }) => [name, value]))) }
}

type BuildArguments = ReturnType<typeof baseImageArguments>

const dockerfileOf = (run: Run, { name, dockerfile }: ServiceConfig): File => {
  if (dockerfile === null) throw new InternalError(`service ${name} has no Dockerfile; the plan skips it`)
  return run.checkout.source.file(dockerfile)
}

function imageOf(run: Run, service: ServiceConfig, buildArguments: BuildArguments, platform: Platform | null): Container {
  const file = dockerfileOf(run, service)
  const inContext = pathInContext(service.dockerfile ?? "", service.context)
  // A changed file time alone would make another layer, so that two clones of one commit would not agree.
  const context = run.checkout.source.directory(service.context).withTimestamps(0)
  return (inContext === null ? context.withFile("delivery.Dockerfile", file) : context).dockerBuild({
    dockerfile: inContext ?? "delivery.Dockerfile",
    buildArgs: [...buildArguments],
    ...(platform === null ? {} : { platform }),
  })
}

/** What a failed RUN step wrote counts more than the engine's own words. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { stdout, stderr } = error as { stdout?: unknown; stderr?: unknown }
  return [error.message, stdout, stderr].filter((text): text is string => typeof text === "string" && text.trim() !== "").join("\n")
}
