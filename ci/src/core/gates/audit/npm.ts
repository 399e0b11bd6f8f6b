import { lastLine, type ExecOutcome } from "../exec.js"
import {
  asList,
  asText,
  distinct,
  isObject,
  isText,
  jsonObject,
  npmVulnerability,
  readReport,
  unavailableReport,
  unreadableReport,
  type AuditReport,
  type AuditTool,
  type JsonObject,
  type Vulnerability,
} from "./report.js"

/** `npm audit --json`: packages by name, each with the advisories (`via`) that concern it, or the packages that bring them. */
export const NPM_AUDIT: AuditTool = { command: /(?<!yarn\S* )(?<![^/ ])npm(@\S+)?( -\S+)* audit\b/, read: readNpmAudit }

function readNpmAudit(exec: ExecOutcome): AuditReport {
  const output = jsonObject(exec.stdout)
  if (isObject(output?.["vulnerabilities"])) return packagesReport(output["vulnerabilities"])
  // npm puts what the advisory service said, or the network, in the place of its report.
  if (isText(output?.["message"])) return unavailableReport(output["message"])
  const error = isObject(output?.["error"]) ? output["error"] : {}
  const summary = asText(error["summary"]) || asText(error["code"]) || lastLine(exec)
  return NPM_UNREACHABLE.test(asText(error["code"])) ? unavailableReport(summary) : unreadableReport(summary)
}

const NPM_UNREACHABLE = /^(E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH)|ERR_SOCKET_TIMEOUT|ENOAUDIT)/

function packagesReport(packages: JsonObject): AuditReport {
  const found: Vulnerability[] = []
  for (const [name, entry] of Object.entries(packages)) {
    if (!isObject(entry) || !Array.isArray(entry["via"])) return unreadableReport(`the report's entry for ${name} is not understood`)
    const advisories = entry["via"].filter(isObject)
    found.push(...advisories.map((advisory) => advisoryOf(name, advisory, entry)))
    if (advisories.length === 0 && !isExplained(name, packages, new Set())) found.push(unexplained(name, entry))
  }
  return readReport(distinct(found))
}

function advisoryOf(name: string, { title, url, range, severity }: JsonObject, entry: JsonObject): Vulnerability {
  return npmVulnerability({ name, range: asText(range), title: asText(title), severity: severity ?? entry["severity"], url })
}

/** A package that is vulnerable through others is told with their advisories, unless none of them has one. */
function isExplained(name: string, packages: JsonObject, seen: Set<string>): boolean {
  const entry = Object.hasOwn(packages, name) ? packages[name] : undefined
  if (!isObject(entry) || seen.has(name)) return false
  seen.add(name)
  return asList(entry["via"]).some((via) => isObject(via) || (isText(via) && isExplained(via, packages, seen)))
}

function unexplained(name: string, { via, range, severity }: JsonObject): Vulnerability {
  const title = `through ${asList(via).filter(isText).join(", ") || "a package that is not named"}`
  return npmVulnerability({ name, range: asText(range), title, severity, url: undefined })
}
