import type { Finding, Severity } from "../../run.js"
import type { SonarIssue } from "./answers.js"

// Both of SonarQube's scales: of impacts, and the older one of issues.
const SEVERITY: Readonly<Record<string, Severity>> = { BLOCKER: "critical", HIGH: "high", CRITICAL: "high", MEDIUM: "moderate", MAJOR: "moderate", LOW: "low", MINOR: "low", INFO: "info" }
const ORDER: readonly Severity[] = ["critical", "high", "moderate", "low", "info"]

/** Issues as findings, the worst first; the gate decides, so none of them fails by itself. */
export function issueFindings(issues: readonly SonarIssue[]): readonly Finding[] {
  const findings = issues.map((issue): Finding => ({
    severity: worst(issue),
    rule: `sonarqube/${issue.rule}`,
    message: issue.message,
    // `project:apps/api/src/app.ts`; of a finding on the project there is no path.
    file: issue.component.includes(":") ? issue.component.slice(issue.component.lastIndexOf(":") + 1) : null,
    line: issue.line ?? null,
  }))
  return findings.sort((left, right) => ORDER.indexOf(left.severity) - ORDER.indexOf(right.severity))
}

function worst({ impacts = [], severity = "INFO" }: SonarIssue): Severity {
  const named = impacts.length > 0 ? impacts.map((impact) => impact.severity) : [severity]
  return ORDER.find((level) => named.some((name) => (SEVERITY[name] ?? "info") === level)) ?? "info"
}
