import { createHash } from "node:crypto"
import { gunzip, gzip } from "node:zlib"
import { promisify } from "node:util"
import { InternalError } from "../core/errors.js"
import { createdTime, imageLabels, normalConfig, platformParts, type ImageConfigParts, type ReleaseFactsForImages } from "../core/package/image-facts.js"
import { withoutTimes } from "../core/package/tar-times.js"
import { OCI_INDEX, OCI_MANIFEST, type Referrer } from "../core/signing/referrers.js"
import type { RegistryRepository, StoredManifest } from "./registry-client.js"

const [unzip, zip] = [promisify(gunzip), promisify(gzip)]
const OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
const OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
const DIFF_ID = "dev.delivery.diff-id"

/** An image as the engine has pushed it. */
export interface PackedImage {
  readonly digest: string
  /** Such as `linux/arm64`, where delivery.yaml names it: the engine takes an image whose Dockerfile ends with a COPY for one of its own platform. */
  readonly platform: string | null
  /** What it stands on, in the same repository; null for nothing. */
  readonly base: { readonly name: string; readonly digest: string } | null
}

export interface NormalImageInput {
  readonly repository: RegistryRepository
  /** One, or one for each platform that delivery.yaml names. */
  readonly images: readonly PackedImage[]
  readonly facts: ReleaseFactsForImages
  readonly title: string
}

/**
 * The same image without what only tells when and by which engine it was built: two builds of one commit have one digest.
 * The layers of its base stay as they are, so that they are shared with every image on that base.
 */
export async function normalImage({ repository, images, facts, title }: NormalImageInput): Promise<StoredManifest> {
  const made = await Promise.all(images.map((image) => onePlatform(repository, image, facts, title)))
  const [first] = made
  if (first === undefined) throw new InternalError(`no image of ${title} was built`)
  if (images.every(({ platform }) => platform === null)) return first
  const manifests = made.map(({ digest, bytes, mediaType }, index): Referrer => ({ mediaType, digest, size: bytes.length, platform: platformParts(images[index]?.platform ?? "") }))
  return put(repository, OCI_INDEX, { schemaVersion: 2, mediaType: OCI_INDEX, manifests, annotations: imageLabels(facts, title) })
}

interface Layer {
  readonly descriptor: object
  readonly diffId: string
}

async function onePlatform(repository: RegistryRepository, { digest, platform, base }: PackedImage, facts: ReleaseFactsForImages, title: string): Promise<StoredManifest> {
  const { parts } = await stored(repository, digest)
  const config = await configOf(repository, parts)
  const below = base === null ? [] : await layersOf(repository, base.digest)
  // The engine may pack a layer of the base otherwise the next time; which ones they are it cannot change.
  const own = (parts.layers ?? []).slice(below.length)
  const layers = [...below, ...(await Promise.all(own.map((layer) => normalLayer(repository, layer.digest))))]
  const labels = imageLabels(facts, title)
  const made = normalConfig(config, { created: createdTime(facts), labels, diffIds: layers.map(({ diffId }) => diffId), base: base?.name ?? null, baseLayers: below.length, platform })
  const configBlob = await repository.putBlob(Buffer.from(JSON.stringify(made)))
  return put(repository, OCI_MANIFEST, { schemaVersion: 2, mediaType: OCI_MANIFEST, config: { mediaType: OCI_CONFIG, ...configBlob }, layers: layers.map(({ descriptor }) => descriptor), annotations: labels })
}

async function layersOf(repository: RegistryRepository, digest: string): Promise<readonly Layer[]> {
  const { parts } = await stored(repository, digest)
  const { rootfs } = await configOf(repository, parts)
  return (parts.layers ?? []).map((descriptor, index) => ({ descriptor, diffId: rootfs?.diff_ids[index] ?? "" }))
}

async function configOf(repository: RegistryRepository, { config }: StoredManifest["parts"]): Promise<ImageConfigParts> {
  return JSON.parse((await repository.blob(config?.digest ?? "")).toString("utf8")) as ImageConfigParts
}

/** A layer without times. Kept by the digest of what it was made from: the same files need not be packed again. */
async function normalLayer(repository: RegistryRepository, digest: string): Promise<Layer> {
  const tag = `normal-${digest.replace(/^sha256:/, "").slice(0, 40)}`
  const known = await repository.manifest(tag)
  const [descriptor] = known?.parts.layers ?? []
  const diffId = known?.parts.annotations?.[DIFF_ID]
  if (descriptor !== undefined && diffId !== undefined) return { descriptor, diffId }
  const made = await packed(await repository.blob(digest))
  const layer = { mediaType: OCI_LAYER, ...(await repository.putBlob(made.bytes)) }
  const config = { mediaType: "application/vnd.oci.empty.v1+json", ...(await repository.putBlob(Buffer.from("{}"))) }
  const note = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer], annotations: { [DIFF_ID]: made.diffId } }
  await repository.putManifest(tag, { bytes: Buffer.from(JSON.stringify(note)), mediaType: OCI_MANIFEST })
  return { descriptor: layer, diffId: made.diffId }
}

async function packed(blob: Buffer): Promise<{ readonly bytes: Buffer; readonly diffId: string }> {
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
