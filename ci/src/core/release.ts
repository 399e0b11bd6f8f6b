import { SWITCH_IMAGE } from "./config/chart.js"
import { routerValues } from "./canary/track-values.js"
import type { Config } from "./config/model.js"
import type { DeployStrategy } from "./config/strategy.js"
import { DeliveryError, ERROR_CODES } from "./errors.js"
import type { StageResult } from "./run.js"
import { stageLabel } from "./schedule.js"

/** One image of a release. */
export interface ReleasedImage {
  readonly kind: "service" | "helper"
  /** repository@digest */
  readonly ref: string
}

export const SBOM_FORMATS = ["cyclonedx", "spdx"] as const
export type SbomFormat = (typeof SBOM_FORMATS)[number]

/** When an image was scanned, and with what knowledge. */
export interface ReleasedScan {
  /** ISO 8601; null when the scanner did not say. */
  readonly scannedAt: string | null
  readonly databaseUpdatedAt: string | null
  readonly sampleDatabase: boolean
}

/** A gate that the release had met when it was made. */
export interface ReleasedCheck {
  readonly stage: string
  readonly service: string | null
  readonly verdict: string
  readonly reason: string
}

/** release.json: what was built from one commit, by digest. Null stands for a stage that is not configured. */
export interface Release {
  readonly schemaVersion: 1
  readonly commit: string
  readonly images: Readonly<Record<string, ReleasedImage>>
  readonly chartDigest: string | null
  /** Manifests in the image's repository that hold its attested component lists, by image. */
  readonly sbomDigests: Readonly<Record<string, Readonly<Partial<Record<SbomFormat, string>>>>> | null
  readonly provenanceDigests: Readonly<Record<string, string>> | null
  readonly signatureDigests: Readonly<Record<string, string>> | null
  readonly scans: Readonly<Record<string, ReleasedScan>> | null
  readonly checks: readonly ReleasedCheck[]
}

/** What is known of a release besides its images. */
export type ReleaseFacts = Partial<Omit<Release, "schemaVersion" | "commit" | "images">>

/** Thrown when release.json is missing or is not what this version writes. */
export class ReleaseError extends DeliveryError {
  readonly code = ERROR_CODES.release
}

const RELEASED_DIGEST = /^sha256:[0-9a-f]{64}$/

/** Whether a text is a digest, and not a commit or a tag. */
export const isDigest = (text: string): boolean => RELEASED_DIGEST.test(text)

/** The digest at the end of `name:tag@sha256:…`, as a registry's answer to a push has it. */
export function digestOf(ref: string): string {
  const digest = ref.split("@")[1]
  if (digest === undefined || !isDigest(digest)) throw new ReleaseError(`${ref}: expected a reference that ends with @sha256:…`)
  return digest
}

/** Names of the images that the chart needs besides those of the services. */
export const helperNames = (config: Config): readonly string[] => Object.keys(config.chart?.images ?? {})

/** Where in a registry an image of the release lies. */
export const imageRepository = (config: Config, name: string): string => config.services[name]?.image ?? `${config.project}/${name}`

/** release.json of the images of all services and of what the chart needs besides, by the registry that they lie in. */
export function makeRelease(commit: string, registry: string, config: Config, digests: ReadonlyMap<string, string>, facts: ReleaseFacts = {}): Release {
  const entry = (name: string, kind: ReleasedImage["kind"]): [string, ReleasedImage] => {
    const digest = digests.get(name)
    if (digest === undefined) throw new ReleaseError(kind === "service" ? `service ${name} has no image yet; package it first` : `the chart's image ${name} is in no registry yet; push first`)
    return [name, { kind, ref: `${registry}/${imageRepository(config, name)}@${digest}` }]
  }
  const images = [...Object.keys(config.services).map((name) => entry(name, "service")), ...helperNames(config).map((name) => entry(name, "helper"))]
  const unknown = { chartDigest: null, sbomDigests: null, provenanceDigests: null, signatureDigests: null, scans: null, checks: [] }
  return { schemaVersion: 1, commit, images: Object.fromEntries(images), ...unknown, ...facts }
}

/** Its images, by name. */
export const imageRefs = ({ images }: Pick<Release, "images">): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(images).map(([name, { ref }]) => [name, ref]))

export const renderRelease = (release: Release): string => `${JSON.stringify(release, null, 2)}\n`

/** Reads a release.json that this module wrote; what an older one does not have is not known. */
export function parseRelease(text: string, where: string): Release {
  const release = readJson(text, where) as Partial<Release> | null
  if (release?.schemaVersion !== 1) throw new ReleaseError(`${where}: expected release.json with schemaVersion 1, got ${String(release?.schemaVersion)}. Push the release again.`)
  const { commit, images } = release
  const bad = Object.entries(images ?? {}).filter(([, image]) => !isDigest(String(image?.ref).split("@")[1] ?? ""))
  if (typeof commit !== "string" || typeof images !== "object" || images === null || bad.length > 0) {
    const got = bad.length > 0 ? `${bad.map(([name]) => name).join(", ")} without one` : "something else"
    throw new ReleaseError(`${where}: expected a commit, and images by repository@digest, got ${got}. Push the release again.`)
  }
  const { chartDigest = null, sbomDigests = null, provenanceDigests = null, signatureDigests = null, scans = null, checks = [] } = release
  return { schemaVersion: 1, commit, images, chartDigest, sbomDigests, provenanceDigests, signatureDigests, scans, checks }
}

function readJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ReleaseError(`${where}: expected release.json, got what is no JSON (${error instanceof Error ? error.message : String(error)}). Push the release again.`)
  }
}

/** Tag of the artifact that holds release.json. */
export const releaseTag = (commit: string): string => `release-${commit}`

/** The gates that a release has met so far, for those who ask later what it was judged by. */
export function releasedChecks(results: Iterable<StageResult>): readonly ReleasedCheck[] {
  return [...results].filter(({ environment }) => environment === null).map(({ stage, service, verdict, reason }) => ({ stage, service, verdict, reason }))
}

/** Stages that an environment requires and that this release has not passed, each with what became of it. */
export function unmetRequirements({ checks }: Release, requires: readonly string[]): readonly string[] {
  return requires.flatMap((stage) => {
    const rows = checks.filter((check) => check.stage === stage)
    if (rows.length === 0) return [`${stage} did not run`]
    return rows.filter(({ verdict }) => verdict !== "passed").map((row) => `${stageLabel({ ...row, environment: null })}: ${row.verdict}${row.reason === "" ? "" : ` (${row.reason})`}`)
  })
}

/**
 * The values that `deploy` lays over the chart's own: images by digest, the environment variables of delivery.yaml, and whether a new release gets
 * a track beside the running one. A release without the switch's image has a chart that knows no tracks.
 */
export function releaseValues(release: Release, config: Config, strategy: DeployStrategy = { kind: "rolling" }): Record<string, unknown> {
  const services = Object.values(config.services).map((service) => [
    service.name,
    { image: release.images[service.name]?.ref, ...(Object.keys(service.env).length > 0 ? { env: service.env } : {}), ...(Object.keys(service.canary.env).length > 0 ? { canary: { env: service.canary.env } } : {}) },
  ])
  const helpers = helperNames(config).map((name) => [name, release.images[name]?.ref])
  const hasSwitch = Object.entries(config.chart?.images ?? {}).some(([name, key]) => key === SWITCH_IMAGE && release.images[name] !== undefined)
  return {
    services: Object.fromEntries(services),
    release: { commit: release.commit },
    ...(helpers.length > 0 ? { images: Object.fromEntries(helpers) } : {}),
    ...(strategy.kind !== "rolling" && hasSwitch ? { tracks: { enabled: true, ...routerValues(strategy.router) } } : {}),
  }
}
