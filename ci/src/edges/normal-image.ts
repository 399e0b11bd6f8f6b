import { createHash } from "node:crypto"
import { gunzip, gzip } from "node:zlib"
import { promisify } from "node:util"
import { InternalError } from "../core/errors.js"
import { createdTime, imageLabels, normalConfig, type ReleaseFactsForImages } from "../core/package/image-facts.js"
import { withoutTimes } from "../core/package/tar-times.js"
import { OCI_INDEX, OCI_MANIFEST, type Referrer } from "../core/signing/referrers.js"
import type { RegistryRepository, StoredManifest } from "./registry-client.js"

const [unzip, zip] = [promisify(gunzip), promisify(gzip)]
const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
const OCI_CONFIG = "application/vnd.oci.image.config.v1+json"

export interface NormalImageInput {
  /** Where the image lies, as the engine pushed it. */
  readonly repository: RegistryRepository
  readonly reference: string
  /** Layers that are somebody else's, and stay as they are; and what they are called. */
  readonly baseLayers: ReadonlySet<string>
  readonly base: string | null
  readonly facts: ReleaseFactsForImages
  readonly title: string
}

/**
 * The same image without what only tells when and by which engine it was built: two builds of one commit have one digest.
 * The layers of its base stay as they are, so that they are shared with every image on that base.
 */
export async function normalImage(input: NormalImageInput): Promise<StoredManifest> {
  const manifest = await stored(input.repository, input.reference)
  const { manifests } = manifest.parts
  if (manifests === undefined) return onePlatform(input, manifest)
  const entries: Referrer[] = []
  for (const entry of manifests) {
    const { digest, bytes, mediaType } = await onePlatform(input, await stored(input.repository, entry.digest))
    entries.push({ ...entry, mediaType, digest, size: bytes.length })
  }
  return put(input.repository, OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries, annotations: imageLabels(input.facts, input.title) })
}

async function onePlatform({ repository, baseLayers, base, facts, title }: NormalImageInput, { parts }: StoredManifest): Promise<StoredManifest> {
  const config = JSON.parse((await repository.blob(parts.config?.digest ?? "")).toString("utf8")) as { readonly rootfs: { readonly diff_ids: readonly string[] } }
  const layers: object[] = []
  const diffIds: string[] = []
  for (const [index, layer] of (parts.layers ?? []).entries()) {
    if (baseLayers.has(layer.digest)) {
      layers.push(layer)
      diffIds.push(config.rootfs.diff_ids[index] ?? "")
    } else {
      const made = await normalLayer(await repository.blob(layer.digest))
      layers.push({ mediaType: OCI_LAYER, ...(await repository.putBlob(made.bytes)) })
      diffIds.push(made.diffId)
    }
  }
  const labels = imageLabels(facts, title)
  const baseCount = (parts.layers ?? []).filter(({ digest }) => baseLayers.has(digest)).length
  const made = normalConfig(config, { created: createdTime(facts), labels, diffIds, base, baseLayers: baseCount })
  const configBlob = await repository.putBlob(Buffer.from(JSON.stringify(made)))
  return put(repository, OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config: { mediaType: OCI_CONFIG, ...configBlob }, layers, annotations: labels })
}

async function normalLayer(blob: Buffer): Promise<{ readonly bytes: Buffer; readonly diffId: string }> {
  const isZipped = blob[0] === 0x1f && blob[1] === 0x8b
  const tar = Buffer.from(withoutTimes(isZipped ? await unzip(blob) : blob))
  return { bytes: await zip(tar), diffId: sha256Of(tar) }
}

async function stored(repository: RegistryRepository, reference: string): Promise<StoredManifest> {
  const manifest = await repository.manifest(reference)
  if (manifest === null) throw new InternalError(`the run's registry does not have ${reference}, which was just pushed there`)
  return manifest
}

async function put(repository: RegistryRepository, mediaType: string, parts: object): Promise<StoredManifest> {
  const bytes = Buffer.from(JSON.stringify(parts))
  const digest = sha256Of(bytes)
  await repository.putManifest(digest, { bytes, mediaType })
  return { bytes, mediaType, digest, parts }
}

const sha256Of = (bytes: Buffer): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`
