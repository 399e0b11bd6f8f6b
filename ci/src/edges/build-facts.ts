import { dag } from "@dagger.io/dagger"
import { InternalError } from "../core/errors.js"
import { baseImageArguments } from "../core/dockerfile.js"
import { baseImages, type BuildFacts, type BuildMaterial } from "../core/provenance/provenance.js"
import type { Run } from "./run.js"

/** What an image was built from, for its provenance: read where the build read it, not from what somebody says of it. */
export async function buildFacts(run: Run, name: string): Promise<BuildFacts> {
  const { config, source, image } = run.checkout
  const service = config.services[name]
  if (service === undefined || service.dockerfile === null) throw new InternalError(`service ${name} has no Dockerfile, and has an image`)
  const { commit, dirty, runId, startedAt } = run.header
  const [text, engine] = await Promise.all([source.file(service.dockerfile).contents(), dag.version()])
  const values = Object.fromEntries(baseImageArguments(text, image).map((argument) => [argument.name, argument.value]))
  const materials = await Promise.all(baseImages(text, values).map(material))
  const { dockerfile, context } = service
  return { project: config.project, service: name, commit, dirty, dockerfile, context, materials, runId, engine, startedAt, finishedAt: new Date().toISOString() }
}

/** The digest that the engine has pulled, also where only a tag was asked for. */
async function material(ref: string): Promise<BuildMaterial> {
  const found = await dag.container().from(ref).imageRef().catch(() => "")
  return { ref, digest: /@(sha256:[0-9a-f]{64})$/.exec(found)?.[1] ?? null }
}
