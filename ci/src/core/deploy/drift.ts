import type { Finding, GateResult } from "../run.js"
import { counted, errorGate, failedGate, passedGate } from "../gates/gate.js"
import { renderDiff, type ObjectChange } from "./object-diff.js"
import type { DeploymentRecord } from "./history.js"

/** What is compared: what Helm's revision would make of the cluster, and what was recorded about that revision. */
export interface DriftFacts {
  readonly environment: string
  readonly revision: number
  readonly status: string
  readonly objects: readonly ObjectChange[]
  readonly record: DeploymentRecord | null
}

/** The gate of `drift`: every field of the deployed release that the cluster has otherwise, every object that is gone, and a revision that nobody has proven. */
export function judgeDrift({ environment, revision, status, objects, record }: DriftFacts): GateResult {
  if (objects.length === 0) return errorGate(`revision ${revision} of ${environment} has no object: there is nothing to compare`)
  const moved = objects.filter(({ action }) => action !== "keep")
  const findings = moved.map((object): Finding => {
    const what = object.action === "create" ? "it is not there any more" : renderDiff([object]).split("\n").slice(1).map((line) => line.trim()).join("\n")
    return { severity: "high", rule: `drift: ${object.key}`, message: what, file: null, line: null }
  })
  const unproven = unprovenRevision(revision, status, record)
  const all = unproven === null ? findings : [...findings, { severity: "moderate", rule: "drift: revision", message: unproven, file: null, line: null } as const]
  if (all.length === 0) return passedGate(`${counted(objects.length, "object")} of revision ${revision} as deployed`)
  const parts = [...(findings.length === 0 ? [] : [`${findings.length} of ${counted(objects.length, "object")} not as revision ${revision} has them: ${moved.map(({ key }) => key).join(", ")}`]), ...(unproven === null ? [] : [unproven])]
  return failedGate(parts.join("; "), all)
}

function unprovenRevision(revision: number, status: string, record: DeploymentRecord | null): string | null {
  if (status !== "deployed") return `Helm says that revision ${revision} is ${status}`
  if (record === null) return `revision ${revision} was deployed without this module`
  return record.outcome === "healthy" ? null : `revision ${revision} was not proven healthy: ${record.outcome}`
}
