/** What belongs to an image: signatures and attestations, each a manifest of its own. */
export interface Referrer {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Of an image of an index. */
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string }
}

export const OCI_INDEX = "application/vnd.oci.image.index.v1+json"
export const OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
export const MANIFEST_TYPES = [OCI_MANIFEST, OCI_INDEX, "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json"]

/** The tag that stands in for the referrers API where a registry has none. */
export const referrersTag = (digest: string): string => digest.replace(":", "-")

/** The part of a manifest that this module reads. */
export interface ManifestParts {
  readonly mediaType?: string
  readonly config?: { readonly digest: string }
  readonly layers?: readonly { readonly digest: string; readonly mediaType?: string; readonly size?: number }[]
  /** Of an index: the images of its platforms. */
  readonly manifests?: readonly Referrer[]
  readonly annotations?: Readonly<Record<string, string>>
  readonly subject?: { readonly digest: string }
}

/** Blobs of a manifest, each once. */
export const blobsOf = ({ config, layers = [] }: ManifestParts): readonly string[] => [...new Set([...(config === undefined ? [] : [config.digest]), ...layers.map(({ digest }) => digest)])]

/** What a referrer says of its image, such as https://slsa.dev/provenance/v1; null for what no cosign 3 wrote. */
export const predicateTypeOf = ({ annotations }: ManifestParts): string | null => annotations?.["dev.sigstore.bundle.predicateType"] ?? null

/** An index with these entries too; what somebody else put there stays. */
export function withReferrers(index: { readonly manifests?: readonly Referrer[] } | null, added: readonly Referrer[]): string {
  const kept = (index?.manifests ?? []).filter(({ digest }) => !added.some((one) => one.digest === digest))
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [...kept, ...added] })
}
