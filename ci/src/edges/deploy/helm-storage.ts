import { createHash } from "node:crypto"
import { gunzipSync } from "node:zlib"
import type { HelmRelease, HelmRevision } from "../../core/deploy/helm.js"
import { helmSecretPath, helmSecretsQuery, storedObjects, storedRevisions, storedValues } from "../../core/deploy/helm-storage.js"
import type { KubeConnection } from "../kube-request.js"
import { kubeJson } from "./kube-client.js"

// The labels are all that is asked for: a container with `helm history` takes half a second, and this some milliseconds.
const METADATA_ALONE = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

/** Helm's revisions, read where Helm keeps them; none for a release that it does not know. */
export async function helmRevisions({ connection, release }: { readonly connection: KubeConnection; readonly release: HelmRelease }): Promise<readonly HelmRevision[]> {
  const { items } = await kubeJson<{ items: Parameters<typeof storedRevisions>[0] }>(connection, "GET", helmSecretsQuery(release), undefined, { accept: METADATA_ALONE })
  return storedRevisions(items)
}

interface StoragePlace {
  readonly connection: KubeConnection
  readonly release: HelmRelease
}

async function readRevision({ connection, release }: StoragePlace, revision: number): Promise<string> {
  const { data } = await kubeJson<{ data: { release: string } }>(connection, "GET", helmSecretPath(release, revision))
  // Base64 by Helm, and once more by Kubernetes.
  const packed = Buffer.from(Buffer.from(data.release, "base64").toString("latin1"), "base64")
  return gunzipSync(packed).toString("utf8")
}

/** What a revision would write again. */
const objectsOfRevision = async (place: StoragePlace, revision: number): Promise<string> => storedObjects(await readRevision(place, revision))

/** The values that a revision was given; read here, and not by a Helm whose output stands in a log. */
export const valuesOfRevision = async (place: StoragePlace, revision: number): Promise<object> => storedValues(await readRevision(place, revision))

/** One digest for what a revision would write again; null for none. */
export async function digestOfRevision(place: StoragePlace, revision: number | null): Promise<string | null> {
  return revision === null ? null : createHash("sha256").update(await objectsOfRevision(place, revision)).digest("hex")
}
