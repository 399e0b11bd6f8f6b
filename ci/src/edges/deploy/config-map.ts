import type { KubeConnection } from "../kube-request.js"
import { againOnConflict, kubeJson, kubeJsonIfThere } from "./kube-client.js"

/** What a ConfigMap holds; undefined where there is none. */
export type ConfigMapData = Readonly<Record<string, string>> | undefined

/** A ConfigMap that this module keeps beside a release, and not in it. */
export interface KeptConfigMap {
  readonly namespace: string
  readonly name: string
  readonly release: string
}

interface ConfigMapObject {
  readonly metadata: { readonly resourceVersion?: string }
  readonly data?: Readonly<Record<string, string>>
}

const folderOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`

export async function readConfigMap(connection: KubeConnection, { namespace, name }: Omit<KeptConfigMap, "release">): Promise<ConfigMapData> {
  return (await kubeJsonIfThere<ConfigMapObject>(connection, `${folderOf(namespace)}/${name}`))?.data
}

/** Reads, changes and writes; again from the start when somebody else wrote meanwhile. Null as the change writes nothing. */
export function changeConfigMap(connection: KubeConnection, { namespace, name, release }: KeptConfigMap, change: (data: ConfigMapData) => Exclude<ConfigMapData, undefined> | null): Promise<void> {
  return againOnConflict(async () => {
    const before = await kubeJsonIfThere<ConfigMapObject>(connection, `${folderOf(namespace)}/${name}`)
    const data = change(before?.data)
    if (data === null) return
    const labels = { "app.kubernetes.io/managed-by": "delivery", "delivery.dev/release": release }
    const version = before?.metadata.resourceVersion
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels, ...(version === undefined ? {} : { resourceVersion: version }) }, data }
    await (before === null ? kubeJson(connection, "POST", folderOf(namespace), object) : kubeJson(connection, "PUT", `${folderOf(namespace)}/${name}`, object))
  })
}
