import type { ResourceChange } from "./plan-changes.js"

// Who may come in, and who may do what.
const GUARDS = /^aws_(iam_|security_group|vpc_security_group|network_acl|kms_|s3_bucket_(policy|public_access_block|acl)|wafv2_|eks_access|secretsmanager_secret_policy)/
// What is paid for by the hour or by what goes through it.
const COSTS = /^aws_(nat_gateway|db_instance|elasticache_replication_group|eks_cluster|eks_node_group|lb|vpc_endpoint|cloudfront_distribution|wafv2_web_acl|guardduty_detector|kms_key|db_instance_automated_backups_replication)$/

/** `2 to create, 1 to change`, or that nothing is to be done. */
export function countChanges(changes: readonly ResourceChange[]): string {
  const parts = (["create", "change", "replace", "destroy"] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length
    return count === 0 ? [] : [`${count} to ${action}`]
  })
  return parts.length === 0 ? "nothing to do" : parts.join(", ")
}

/** What a person reads before approving: the dangerous first, what only comes new last. */
export function renderChanges(changes: readonly ResourceChange[]): string {
  const left = new Set(changes)
  const take = (title: string, belongs: (change: ResourceChange) => boolean): string[] => {
    const group = changes.filter((change) => left.has(change) && belongs(change))
    for (const change of group) left.delete(change)
    return group.length === 0 ? [] : [title, ...group.map(changeLine), ""]
  }
  const lines = [
    ...take("loses data, so each needs --confirm-loss:", ({ losesData }) => losesData),
    ...take("replaced, so away for a while:", ({ action }) => action === "replace"),
    ...take("destroyed:", ({ action }) => action === "destroy"),
    ...take("who may come in, and who may do what:", ({ type, action }) => action === "change" && GUARDS.test(type)),
    ...take("changed:", ({ action }) => action === "change"),
    ...take("created:", () => true),
  ]
  return [countChanges(changes), "", ...lines, costLine(changes)].filter((line) => line !== null).join("\n")
}

const changeLine = ({ action, address, fields }: ResourceChange): string => `  ${action.padEnd(7)}  ${address}${fields.length === 0 ? "" : `  (${action === "replace" ? "because of " : ""}${fields.slice(0, 6).join(", ")}${fields.length > 6 ? ", …" : ""})`}`

/** No prices: they are AWS's to tell. What there is more of and less of. */
function costLine(changes: readonly ResourceChange[]): string | null {
  const counts = new Map<string, number>()
  for (const { type, action } of changes) {
    if (!COSTS.test(type) || (action !== "create" && action !== "destroy")) continue
    counts.set(type, (counts.get(type) ?? 0) + (action === "create" ? 1 : -1))
  }
  const words = [...counts].filter(([, count]) => count !== 0).sort(([one], [other]) => (one < other ? -1 : 1)).map(([type, count]) => `${count > 0 ? "+" : ""}${count} ${type}`)
  return words.length === 0 ? null : `cost drivers: ${words.join(", ")}\n`
}
