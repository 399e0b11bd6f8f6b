import type { Container } from "@dagger.io/dagger"
import { baseImageArguments, pathInContext } from "../../core/dockerfile.js"
import { judgePackageFailure } from "../../core/gates/package.js"
import { InternalError } from "../../core/errors.js"
import { passedGate } from "../../core/gates/gate.js"
import { digestOf } from "../../core/release.js"
import type { ServiceConfig } from "../../core/config/services.js"
import { textFile } from "../exec.js"
import { containerOf } from "../image-container.js"
import { serviceOf, type Run, type StageWork } from "../run.js"
import { STAGING_ADDRESS } from "../staging-registry.js"

/** Builds the service's image and puts it into the run's own registry, where it waits for the gates. */
export const packageImage: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  let image: Container
  let cached: boolean
  try {
    image = await (await imageOf(run, service)).sync()
    cached = await isUnchanged(run, image)
  } catch (error) {
    const message = messageOf(error)
    return { gate: judgePackageFailure(message), evidence: textFile(`logs/package-${service.name}.log`, `${message}\n`) }
  }
  const registryService = await run.stagingRegistry()
  const ref = await image.publish(`${STAGING_ADDRESS}/${service.image}:${run.header.runId}`, { registryService })
  run.packaged.set(service.name, { container: image, digest: digestOf(ref) })
  return { gate: passedGate(`${service.image}@${digestOf(ref).slice(0, 19)}…`), cached }
}

async function imageOf(run: Run, service: ServiceConfig): Promise<Container> {
  const { source, image } = run.checkout
  if (service.dockerfile === null) throw new InternalError(`service ${service.name} has no Dockerfile; the plan skips it`)
  const dockerfile = source.file(service.dockerfile)
  const inContext = pathInContext(service.dockerfile, service.context)
  // A changed file time alone would make another digest, so that two clones of one commit would not agree.
  const context = source.directory(service.context).withTimestamps(0)
  return (inContext === null ? context.withFile("delivery.Dockerfile", dockerfile) : context).dockerBuild({
    dockerfile: inContext ?? "delivery.Dockerfile",
    buildArgs: [...baseImageArguments(await dockerfile.contents(), image)],
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
