import type { Approval } from "../../core/deploy/approval.js"
import { parseRecords, type DeploymentRecord } from "../../core/deploy/history.js"
import type { KubeConnection } from "../kube-request.js"
import { changeConfigMap, readConfigMap, type ConfigMapData } from "./config-map.js"

/** What an environment remembers in its own cluster, beside the release and not in it: it outlives an uninstalled one. */
export interface DeliveryState {
  readonly records: readonly DeploymentRecord[]
  readonly approvals: readonly Approval[]
}

export const stateName = (release: string): string => `delivery-${release}`

export async function readDeliveryState(connection: KubeConnection, namespace: string, release: string): Promise<DeliveryState> {
  return parseState(await readConfigMap(connection, { namespace, name: stateName(release) }))
}

export function changeDeliveryState(connection: KubeConnection, namespace: string, release: string, change: (state: DeliveryState) => DeliveryState): Promise<void> {
  return changeConfigMap(connection, { namespace, name: stateName(release), release }, (data) => {
    const { records, approvals } = change(parseState(data))
    return { "history.json": JSON.stringify(records), "approvals.json": JSON.stringify(approvals) }
  })
}

function parseState(data: ConfigMapData): DeliveryState {
  return { records: parseRecords(data?.["history.json"]), approvals: JSON.parse(data?.["approvals.json"] ?? "[]") as readonly Approval[] }
}
