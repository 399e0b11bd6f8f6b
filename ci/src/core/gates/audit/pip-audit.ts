import { lastLine, type ExecOutcome } from "../exec.js"
import { asList, asText, isObject, isText, jsonObject, unavailableReport, unreadableReport, type AuditReport, type AuditTool, type JsonObject, type Vulnerability } from "./report.js"

/** `pip-audit --format json`. It ends with 0 also when it could look up nothing, so every dependency is checked. */
export const PIP_AUDIT: AuditTool = { command: /^(\S*\/)?pip-audit( |$)|-m pip_audit( |$)|^(?!.* install ).*[/ ]pip-audit(@\S+)? +[-.]/, read: readPipAudit }

function readPipAudit(exec: ExecOutcome): AuditReport {
  const dependencies = jsonObject(exec.stdout)?.["dependencies"]
  if (!Array.isArray(dependencies)) return failure(exec)
  if (dependencies.length === 0) {
    return unreadableReport("no dependency was listed; where a service has none, say so in delivery.yaml: `commands: {audit: []}`")
  }
  const odd = dependencies.find((dependency) => !isObject(dependency) || !isText(dependency["name"]))
  if (odd !== undefined) return unreadableReport("a dependency of the report is not understood")
  const known = dependencies as readonly JsonObject[]
  const skipped = known.filter(({ vulns, skip_reason: reason }) => !Array.isArray(vulns) || reason !== undefined)
  const first = asText(skipped[0]?.["skip_reason"]) || "no reason was given"
  const notLookedUp = skipped.length === 0 ? null : `${skipped.length} of ${known.length} dependencies were not looked up: ${first}`
  return { kind: "read", vulnerabilities: known.flatMap(vulnerabilitiesOf), notLookedUp }
}

// pip-audit tells no severity: each counts as high.
function vulnerabilitiesOf({ name, version, vulns }: JsonObject): Vulnerability[] {
  return asList(vulns).map((entry) => {
    const { id, aliases, fix_versions: fixes } = isObject(entry) ? entry : {}
    const ids = [id, ...asList(aliases)].filter(isText)
    const fix = asList(fixes).find(isText)
    const message = `${asText(name)} ${asText(version)}: ${ids[0] ?? "a vulnerability without a name"}${fix === undefined ? "" : `, fixed in ${fix}`}`
    return { packageName: asText(name), severity: "high", ids, rule: ids[0] ?? asText(name), message }
  })
}

/** A traceback: of its many errors the one of the HTTP client says most. */
function failure(exec: ExecOutcome): AuditReport {
  const cause = /^requests\.exceptions\.\w+: .+$/m.exec(exec.stderr)?.[0]
  if (cause !== undefined) return unavailableReport(cause)
  const detail = lastLine(exec)
  return PIP_AUDIT_UNANSWERED.test(exec.stderr) ? unavailableReport(detail) : unreadableReport(detail)
}

const PIP_AUDIT_UNANSWERED = /\b(ServiceError|ConnectionError|ReadTimeout|SSLError)\b|Could not connect|Read timed out/
