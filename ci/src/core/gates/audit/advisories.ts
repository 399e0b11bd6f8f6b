import { asList, asText, distinct, isObject, npmVulnerability, readReport, unreadableReport, type AuditReport, type JsonObject, type Vulnerability } from "./report.js"

/** Advisories by number, as npm's older endpoint gives them and as pnpm and yarn pass them on. */
export function advisoriesReport(advisories: JsonObject): AuditReport {
  const entries = Object.entries(advisories)
  const odd = entries.find(([, entry]) => !isObject(entry))
  if (odd !== undefined) return unreadableReport(`the report's advisory ${odd[0]} is not understood`)
  return readReport(distinct(entries.map(([, entry]) => advisoryVulnerability(entry as JsonObject))))
}

export function advisoryVulnerability(advisory: JsonObject): Vulnerability {
  return npmVulnerability({
    name: asText(advisory["module_name"]),
    range: asText(advisory["vulnerable_versions"]),
    title: asText(advisory["title"]),
    severity: advisory["severity"],
    url: advisory["url"],
    aliases: [advisory["github_advisory_id"], ...asList(advisory["cves"])],
  })
}
