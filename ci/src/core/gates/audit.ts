import { AUDIT_LEVELS, type AuditConfig } from "../config/audit.js"
import type { DatedException } from "../config/exceptions.js"
import { SEVERITIES, type Finding, type GateResult } from "../run.js"
import type { AuditReportKind } from "../toolchains/toolchain.js"
import type { AuditReport, Vulnerability } from "./audit/report.js"
import { readAudit } from "./audit/tools.js"
import { applyExceptions, type ExceptedFindings } from "./exceptions.js"
import { judgeSurroundings, programName, type ExecOutcome } from "./exec.js"
import { counted, errorGate, failedGate, passedGate, unavailableGate } from "./gate.js"

export interface AuditInput extends AuditConfig {
  readonly report: AuditReportKind
  /** Relative to the repository; findings name it. */
  readonly lockFile: string | null
  /** Such as 2026-11-23. */
  readonly today: string
  readonly timeoutSeconds: number
}

export interface AuditOutcome {
  readonly gate: GateResult
  /** The exceptions that concern this service; null when that is not known. */
  readonly matched: readonly DatedException[] | null
}

/** The gate of `audit`. What could not be looked up is never a pass, whatever the exit code. */
export function judgeAudit(execs: readonly ExecOutcome[], input: AuditInput): AuditOutcome {
  const reports: AuditReport[] = []
  for (const exec of execs) {
    const report = readCommand(exec, input)
    if ("verdict" in report) return { gate: report, matched: null }
    reports.push(report)
  }
  return reports.length === 0 ? { gate: errorGate("no audit command was run"), matched: null } : judgeReports(reports, input)
}

/** What the command reported, or the gate of an audit that ends with it. */
function readCommand(exec: ExecOutcome, { report: expected, timeoutSeconds }: AuditInput): AuditReport | GateResult {
  const broken = judgeSurroundings(exec, timeoutSeconds)
  if (broken !== null) return broken
  const ending = `${programName(exec)} ended with ${exec.exitCode}`
  const report = readAudit(exec, expected)
  if (report.kind === "unreadable") return errorGate(`${ending}: ${report.detail}`)
  const isRed = report.kind === "read" && (report.vulnerabilities.length > 0 || report.notLookedUp !== null)
  if (exec.exitCode !== 0 && report.kind === "read" && !isRed) return errorGate(`${ending}, and its report names no vulnerability`)
  return report
}

function judgeReports(reports: readonly AuditReport[], input: AuditInput): AuditOutcome {
  const vulnerabilities = reports.flatMap((report) => (report.kind === "read" ? report.vulnerabilities : []))
  const unknown = reports.flatMap((report) => (report.kind === "read" ? (report.notLookedUp ?? []) : report.detail))[0]
  const excepted = applyExceptions(vulnerabilities, input.exceptions, input.today)
  const gate = judgeVulnerabilities(excepted, input)
  if (unknown === undefined) return { gate, matched: excepted.matched }
  // What is known to be red is red, however much else is not known.
  return { gate: gate.verdict === "failed" ? gate : judgeUnknown(unknown, gate.findings, input), matched: null }
}

function judgeUnknown(detail: string, findings: readonly Finding[], { onUnavailable }: AuditInput): GateResult {
  const reason = `no advisory service answered: ${detail}`
  return onUnavailable === "warn" ? { ...unavailableGate(reason), findings } : errorGate(`${reason} (audit.onUnavailable is fail)`, findings)
}

function judgeVulnerabilities({ open, excepted, expired }: ExceptedFindings<Vulnerability>, { level, lockFile }: AuditInput): GateResult {
  const worst = SEVERITIES.slice(0, AUDIT_LEVELS.length - AUDIT_LEVELS.indexOf(level))
  const bySeverity = open.toSorted((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity))
  const blocking = bySeverity.filter(({ severity }) => worst.includes(severity))
  const findings = [
    ...bySeverity.map((vulnerability) => findingOf(vulnerability, lockFile)),
    ...excepted.map(({ found, exception }) => exceptedFinding(found, exception, lockFile)),
  ]
  const over = expired.map(({ id, until }) => `exception for ${id} expired on ${until}`)
  const first = blocking[0]
  if (first !== undefined) {
    const noun = blocking.length === 1 ? "vulnerability" : "vulnerabilities"
    return failedGate([`${blocking.length} ${noun} of level ${level} or worse: ${first.message}`, ...over].join("; "), findings)
  }
  const below = open.length === 0 ? [] : [`${counted(open.length, "finding")} below level ${level}`]
  const spared = excepted.length === 0 ? [] : [`${counted(excepted.length, "finding")} excepted`]
  return passedGate([...below, ...spared, ...over].join("; "), findings)
}

function findingOf({ severity, rule, message }: Vulnerability, lockFile: string | null): Finding {
  return { severity, rule, message, file: lockFile, line: null }
}

function exceptedFinding(vulnerability: Vulnerability, { reason, until }: DatedException, lockFile: string | null): Finding {
  const message = `${vulnerability.message}; ${vulnerability.severity}, excepted until ${until}: ${reason}`
  return { ...findingOf(vulnerability, lockFile), severity: "info", message }
}
