/** What is known of a release beside its images. */
export interface ReleaseFactsForImages {
  readonly commit: string
  readonly dirty: boolean
  /** ISO 8601, UTC; empty when nobody told. */
  readonly commitTime: string
  /** Empty when the commit has none. */
  readonly version: string
  /** Where the sources are published; null when delivery.yaml does not say. */
  readonly repository: string | null
}

/** The time of what has none. */
const NO_TIME = "1970-01-01T00:00:00Z"

/** When an image counts as made: when its sources were, so that the same sources make the same image. */
export const createdTime = ({ commitTime }: Pick<ReleaseFactsForImages, "commitTime">): string => (commitTime === "" ? NO_TIME : commitTime)

/** Labels and annotations of the OCI specification, https://specs.opencontainers.org/image-spec/annotations. */
export function imageLabels(facts: ReleaseFactsForImages, title: string): Readonly<Record<string, string>> {
  const { commit, dirty, version, repository } = facts
  const revision = dirty ? `${commit}-dirty` : commit
  return {
    "org.opencontainers.image.title": title,
    "org.opencontainers.image.revision": revision,
    "org.opencontainers.image.version": version === "" ? revision : version,
    "org.opencontainers.image.created": createdTime(facts),
    ...(repository === null ? {} : { "org.opencontainers.image.source": repository }),
  }
}

/** Tags in the real registry: the full commit, and the version where there is one. Never one that moves, such as latest. */
export const imageTags = ({ commit, version }: Pick<ReleaseFactsForImages, "commit" | "version">): readonly string[] => [...new Set([commit, ...(version === "" ? [] : [version])])]

const VERSION_TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/

/** Whether a version can be a tag, and says something. */
export const isVersionTag = (version: string): boolean => VERSION_TAG.test(version) && version !== "latest"

/** `linux/arm64/v8` in its parts. */
export function platformParts(platform: string): { readonly os: string; readonly architecture: string; readonly variant?: string } {
  const [os = "", architecture = "", variant] = platform.split("/")
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
}

/** The part of an image's configuration that is rewritten. */
export interface ImageConfigParts {
  readonly config?: { readonly Labels?: Readonly<Record<string, string>> | null }
  readonly rootfs?: { readonly diff_ids: readonly string[] }
}

/** An image's configuration without what an engine notes of the building: times, and how it came by each layer. */
export function normalConfig<Parts extends ImageConfigParts>(config: Parts, facts: { readonly created: string; readonly labels: Readonly<Record<string, string>>; readonly diffIds: readonly string[]; readonly base: string | null; readonly baseLayers: number; readonly platform: string | null }) {
  const { created, labels, diffIds, base, baseLayers, platform } = facts
  return {
    ...config,
    ...(platform === null ? {} : platformParts(platform)),
    created,
    config: { ...config.config, Labels: sortedByKey({ ...config.config?.Labels, ...labels }) },
    history: diffIds.map((_, index) => ({ created, created_by: index < baseLayers ? `FROM ${base ?? "scratch"}` : "Dockerfile", comment: "delivery" })),
    rootfs: { type: "layers", diff_ids: diffIds },
  }
}

const sortedByKey = (labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> => Object.fromEntries(Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1)))
