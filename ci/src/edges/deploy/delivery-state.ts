import type { Approval } from "../../core/deploy/approval.js"
import { parseRecords, type DeploymentRecord } from "../../core/deploy/history.js"
import type { KubeConnection } from "../kube-request.js"
import { kubeJson, kubeJsonIfThere, KubeRefusal } from "./kube-client.js"

const TRIES = 5

/** What an environment remembers in its own cluster, beside the release and not in it: it outlives an uninstalled one. */
export interface DeliveryState {
  readonly records: readonly DeploymentRecord[]
  readonly approvals: readonly Approval[]
}

interface StateObject {
  readonly metadata: { readonly name: string; readonly resourceVersion?: string }
  readonly data?: Readonly<Record<string, string>>
}

export const stateName = (release: string): string => `delivery-${release}`
const pathOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/configmaps`

export async function readDeliveryState(connection: KubeConnection, namespace: string, release: string): Promise<DeliveryState> {
  return parseState(await kubeJsonIfThere<StateObject>(connection, `${pathOf(namespace)}/${stateName(release)}`))
}

/** Reads, changes and writes; again from the start when somebody else wrote meanwhile. */
export async function changeDeliveryState(connection: KubeConnection, namespace: string, release: string, change: (state: DeliveryState) => DeliveryState): Promise<void> {
  const path = pathOf(namespace)
  for (let tries = 1; ; tries += 1) {
    const before = await kubeJsonIfThere<StateObject>(connection, `${path}/${stateName(release)}`)
    const { records, approvals } = change(parseState(before))
    const data = { "history.json": JSON.stringify(records), "approvals.json": JSON.stringify(approvals) }
    const labels = { "app.kubernetes.io/managed-by": "delivery", "delivery.dev/release": release }
    const version = before?.metadata.resourceVersion
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: stateName(release), namespace, labels, ...(version === undefined ? {} : { resourceVersion: version }) }, data }
    try {
      await (before === null ? kubeJson(connection, "POST", path, object) : kubeJson(connection, "PUT", `${path}/${stateName(release)}`, object))
      return
    } catch (error) {
      if (!(error instanceof KubeRefusal) || error.status !== 409 || tries === TRIES) throw error
    }
  }
}

function parseState(object: StateObject | null): DeliveryState {
  return { records: parseRecords(object?.data?.["history.json"]), approvals: JSON.parse(object?.data?.["approvals.json"] ?? "[]") as readonly Approval[] }
}
