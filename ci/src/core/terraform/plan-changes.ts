import { asList, asText, isObject, isText, jsonObject, type JsonObject } from "../gates/audit/report.js"

export type ChangeAction = "create" | "change" | "replace" | "destroy"

/** One resource that a plan touches. Values are not here: some are secrets. */
export interface ResourceChange {
  readonly address: string
  readonly type: string
  readonly action: ChangeAction
  /** Its end takes data with it that no plan brings back. */
  readonly losesData: boolean
  /** Names of what differs; of a replacement what forces it. */
  readonly fields: readonly string[]
}

// Kinds whose end takes data, keys or names along.
const HOLDS_DATA =
  /^aws_(db_instance|rds_cluster|elasticache_replication_group|s3_bucket|efs_file_system|ebs_volume|dynamodb_table|kms_key|secretsmanager_secret|ecr_repository|backup_vault|eks_cluster|route53_zone|opensearch_domain|cloudtrail|db_instance_automated_backups_replication)$/

/** A plan as `tofu show -json` prints it; null for anything else. */
export function readPlan(text: string): JsonObject | null {
  const plan = jsonObject(text)
  return plan !== null && isText(plan["format_version"]) ? plan : null
}

/** What a plan (`tofu show -json`) would do; what stays as it is and what is only read is left out. */
export function planChanges(plan: JsonObject, keep: readonly string[]): readonly ResourceChange[] {
  return resourcesOf(plan["resource_changes"], keep)
}

/** What differs in the world from what was applied last. */
export function driftedResources(plan: JsonObject): readonly ResourceChange[] {
  return resourcesOf(plan["resource_drift"], [])
}

// Built into tofu itself: there is nothing to hold still.
const BUILT_INTO_TOFU = /^terraform\.io\/builtin\//

/** The providers that a plan would run, by their full names; what tofu brings itself is left out. */
export function planProviders(plan: JsonObject): readonly string[] {
  const touched = asList(plan["resource_changes"]).filter(isObject).map((resource) => asText(resource["provider_name"]))
  // Those that only read are in the configuration alone.
  const { configuration } = plan
  const configured = isObject(configuration) && isObject(configuration["provider_config"]) ? Object.values(configuration["provider_config"]) : []
  const names = [...touched, ...configured.filter(isObject).map((provider) => asText(provider["full_name"]))]
  return [...new Set(names)].filter((name) => name !== "" && !BUILT_INTO_TOFU.test(name)).sort()
}

function resourcesOf(list: unknown, keep: readonly string[]): readonly ResourceChange[] {
  return asList(list).filter(isObject).flatMap((resource) => {
    const change = isObject(resource["change"]) ? resource["change"] : {}
    const action = actionOf(asList(change["actions"]).filter(isText))
    if (action === null || resource["mode"] !== "managed") return []
    const type = asText(resource["type"])
    const ends = action === "destroy" || action === "replace"
    return [{ address: asText(resource["address"]), type, action, losesData: ends && (HOLDS_DATA.test(type) || keep.includes(type)), fields: action === "replace" ? forcing(change) : differing(change) }]
  })
}

function actionOf(actions: readonly string[]): ChangeAction | null {
  if (actions.includes("create") && actions.includes("delete")) return "replace"
  if (actions.includes("create")) return "create"
  if (actions.includes("delete")) return "destroy"
  return actions.includes("update") ? "change" : null
}

const forcing = (change: JsonObject): readonly string[] => [...new Set(asList(change["replace_paths"]).map((path) => asText(asList(path)[0])))].filter((name) => name !== "")

function differing(change: JsonObject): readonly string[] {
  const { before, after, after_unknown: unknown } = change
  if (!isObject(before) || !isObject(after)) return []
  const later = isObject(unknown) ? Object.keys(unknown).filter((key) => unknown[key] === true) : []
  const known = Object.keys({ ...before, ...after }).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  return [...new Set([...known, ...later])].sort()
}
