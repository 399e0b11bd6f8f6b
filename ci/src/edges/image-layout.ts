import { dag, type Directory } from "@dagger.io/dagger"
import { InternalError } from "../core/errors.js"
import { blobsOf } from "../core/signing/referrers.js"
import type { Run } from "./run.js"
import { stagingRepository } from "./staging-repository.js"
import { STAGING_PORT } from "./staging-registry.js"

/** An image of the run's registry as an OCI layout, byte for byte: what the engine exports has another digest. Of several platforms the first. */
export async function imageLayout(run: Run, image: string, digest: string): Promise<Directory> {
  const repository = await stagingRepository(run, image)
  const top = await repository.manifest(digest)
  const child = top?.parts.manifests?.[0]?.digest
  const manifest = child === undefined ? top : await repository.manifest(child)
  if (manifest === null) throw new InternalError(`the run's registry does not have ${image}@${digest}, which was packaged`)
  const service = await run.stagingRegistry()
  const host = `${await service.hostname()}:${STAGING_PORT}`
  const entry = { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length }
  let layout = dag
    .directory()
    .withNewFile("oci-layout", '{"imageLayoutVersion":"1.0.0"}')
    .withNewFile("index.json", JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
    .withNewFile(blobPath(manifest.digest), manifest.bytes.toString("utf8"))
  for (const blob of blobsOf(manifest.parts)) {
    layout = layout.withFile(blobPath(blob), dag.http(`http://${host}/v2/${image}/blobs/${blob}`, { experimentalServiceHost: service }))
  }
  return layout
}

const blobPath = (digest: string): string => `blobs/${digest.replace(":", "/")}`
