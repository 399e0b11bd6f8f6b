import type { HelmRelease, HelmRevision } from "./helm.js"

/** The labels of the Secrets in which Helm keeps its revisions. */
interface StoredMetadata {
  readonly metadata: { readonly creationTimestamp: string; readonly labels?: { readonly version?: string; readonly status?: string } }
}

export const helmSecretsQuery = ({ name, namespace }: HelmRelease): string => `/api/v1/namespaces/${namespace}/secrets?labelSelector=${encodeURIComponent(`owner=helm,name=${name}`)}`
export const helmSecretPath = ({ name, namespace }: HelmRelease, revision: number): string => `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v${revision}`

/** Oldest first; an API server says `null` for none. */
export function storedRevisions(items: readonly StoredMetadata[] | null): readonly HelmRevision[] {
  const revisions = (items ?? []).map(({ metadata: { creationTimestamp, labels } }): HelmRevision => ({ revision: Number(labels?.version), status: labels?.status ?? "unknown", updated: creationTimestamp }))
  return revisions.filter(({ revision }) => Number.isInteger(revision)).sort((one, other) => one.revision - other.revision)
}

/** The values that a revision was given besides the chart's own. */
export function storedValues(releaseJson: string): object {
  return (JSON.parse(releaseJson) as { readonly config?: object | null }).config ?? {}
}

/** What a revision would write again: manifest and hooks, in Helm's own order. */
export function storedObjects(releaseJson: string): string {
  const { manifest = "", hooks } = JSON.parse(releaseJson) as { readonly manifest?: string; readonly hooks?: readonly { readonly manifest?: string }[] | null }
  return [manifest, ...(hooks ?? []).map((hook) => hook.manifest ?? "")].join("\n---\n")
}
