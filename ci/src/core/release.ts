import type { Config } from "./config/model.js"
import { DeliveryError, ERROR_CODES } from "./errors.js"

/** One image of a release. */
export interface ReleasedImage {
  readonly kind: "service" | "helper"
  /** repository@digest */
  readonly ref: string
}

/** release.json: what was built from one commit, by digest. Null stands for a stage that is not configured. */
export interface Release {
  readonly schemaVersion: 1
  readonly commit: string
  readonly images: Readonly<Record<string, ReleasedImage>>
  readonly chartDigest: string | null
  readonly sbomDigests: Readonly<Record<string, string>> | null
  readonly signatureDigests: Readonly<Record<string, string>> | null
}

/** Thrown when release.json is missing or is not what this version writes. */
export class ReleaseError extends DeliveryError {
  readonly code = ERROR_CODES.release
}

/** The digest at the end of `name:tag@sha256:…`, as a registry's answer to a push has it. */
export function digestOf(ref: string): string {
  const digest = ref.split("@")[1]
  if (digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw new ReleaseError(`${ref}: expected a reference that ends with @sha256:…`)
  return digest
}

/** release.json of the images of all services, by the registry that they lie in. */
export function makeRelease(commit: string, registry: string, config: Config, digests: ReadonlyMap<string, string>): Release {
  const images = Object.values(config.services).map((service): [string, ReleasedImage] => {
    const digest = digests.get(service.name)
    if (digest === undefined) throw new ReleaseError(`service ${service.name} has no image yet; package it first`)
    return [service.name, { kind: "service", ref: `${registry}/${service.image}@${digest}` }]
  })
  return { schemaVersion: 1, commit, images: Object.fromEntries(images), chartDigest: null, sbomDigests: null, signatureDigests: null }
}

export const renderRelease = (release: Release): string => `${JSON.stringify(release, null, 2)}\n`

/** Reads a release.json that this module wrote. */
export function parseRelease(text: string, where: string): Release {
  const release = JSON.parse(text) as Partial<Release>
  if (release.schemaVersion === 1 && typeof release.images === "object") return release as Release
  throw new ReleaseError(`${where}: expected release.json with schemaVersion 1, got ${String(release.schemaVersion)}. Push the release again.`)
}

/** Tag of the artifact that holds release.json. */
export const releaseTag = (commit: string): string => `release-${commit}`

/** The values that `deploy` lays over the chart's own: images by digest and the environment variables of delivery.yaml. */
export function releaseValues(release: Release, config: Config): Record<string, unknown> {
  const services = Object.values(config.services).map((service) => [
    service.name,
    { image: release.images[service.name]?.ref, ...(Object.keys(service.env).length > 0 ? { env: service.env } : {}) },
  ])
  return { services: Object.fromEntries(services), release: { commit: release.commit } }
}
