import { AUDIT_LEVELS, type AuditConfig } from "../config/audit.js"
import type { AuditReportKind } from "../toolchains/toolchain.js"
import { SEVERITIES, type Finding, type GateResult, type Severity } from "../run.js"
import { npmReport, pipReport, type AuditReport } from "./audit-reports.js"
import { judgeSurroundings, programName, type ExecOutcome } from "./exec.js"
import { counted, errorGate, failedGate, passedGate, unavailableGate } from "./gate.js"

export interface AuditInput extends AuditConfig {
  readonly report: AuditReportKind
  readonly timeoutSeconds: number
}

/** The gate of `audit`. An advisory service that did not answer is never a pass. */
export function judgeAudit(exec: ExecOutcome, input: AuditInput): GateResult {
  const broken = judgeSurroundings(exec, input.timeoutSeconds)
  if (broken !== null) return broken
  const report = readReport(exec, input.report)
  if (report.kind === "unreadable") return errorGate(`${programName(exec)} ended with ${exec.exitCode}: ${report.detail}`)
  if (report.kind === "unavailable") {
    const reason = `no advisory service answered: ${report.detail}`
    return input.onUnavailable === "warn" ? unavailableGate(reason) : errorGate(`${reason} (audit.onUnavailable is fail)`)
  }
  return judgeFindings(report.findings, input)
}

function readReport(exec: ExecOutcome, report: AuditReportKind): AuditReport {
  switch (report) {
    case "npm":
      return npmReport(exec)
    case "pip-audit":
      return pipReport(exec)
    default:
      // Any command may stand here, so only its exit code has a meaning.
      return exec.exitCode === 0
        ? { kind: "read", findings: [] }
        : { kind: "unreadable", detail: "only npm and pip-audit reports are understood" }
  }
}

function judgeFindings(findings: readonly Finding[], { level }: AuditInput): GateResult {
  const worst: readonly Severity[] = SEVERITIES.slice(0, AUDIT_LEVELS.length - AUDIT_LEVELS.indexOf(level))
  const blocking = findings.filter((finding) => worst.includes(finding.severity))
  const first = blocking[0]
  if (first !== undefined) {
    const noun = blocking.length === 1 ? "vulnerability" : "vulnerabilities"
    return failedGate(`${blocking.length} ${noun} of level ${level} or worse: ${first.message}`, findings)
  }
  return passedGate(findings.length === 0 ? "" : `${counted(findings.length, "finding")} below level ${level}`, findings)
}
