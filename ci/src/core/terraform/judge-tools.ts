import type { DatedException } from "../config/exceptions.js"
import { applyExceptions } from "../gates/exceptions.js"
import { counted, errorGate, failedGate, passedGate } from "../gates/gate.js"
import { SEVERITIES, type Finding, type GateResult, type Severity } from "../run.js"
import type { ConfigurationFault, ToolReport } from "./tool-reports.js"

/** How the findings of terraform-check are judged. */
export interface CheckLimits {
  readonly exceptions: readonly DatedException[]
  /** As 2026-11-23. */
  readonly today: string
  /** The lowest grade that fails. */
  readonly level: Severity
}

/** A row with the exceptions that it needed; null when it could not tell. */
export interface JudgedRow {
  readonly gate: GateResult
  readonly matched: readonly DatedException[] | null
}

/** The verdict on what a tool found, without what an exception of delivery.yaml names. */
export function judgeTool(tool: string, report: ToolReport, noun: string, { exceptions, today, level }: CheckLimits): JudgedRow {
  if (report.kind === "unreadable") return { gate: errorGate(`${tool} did not tell what it found: ${report.detail}`), matched: null }
  if (report.looked === 0) return { gate: errorGate(`${tool} looked at nothing, which proves nothing`), matched: null }
  const { open, excepted, expired, matched } = applyExceptions(report.faults, exceptions, today)
  const failing = open.filter(({ severity }) => SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(level))
  const findings = [
    ...open.map((fault) => findingOf(fault, fault.message)),
    ...excepted.map(({ found, exception }) => ({ ...findingOf(found, `${found.message} (excepted until ${exception.until}: ${exception.reason})`), severity: "info" as const })),
    ...expired.map(({ id, until }): Finding => ({ severity: "info", rule: "terraform.exceptions", message: `the exception for ${id} ended ${until}`, file: "delivery.yaml", line: null })),
  ]
  const spared = excepted.length === 0 ? "" : `, ${excepted.length} excepted`
  const first = failing[0]
  if (first === undefined) return { gate: passedGate(`${counted(report.looked, noun)}${spared}`, findings), matched }
  const rules = [...new Set(failing.map(({ rule }) => rule))]
  return { gate: failedGate(`${counted(failing.length, "fault")}: ${rules.slice(0, 3).join(", ")}${rules.length > 3 ? ` and ${rules.length - 3} more` : ""}: ${first.message}`, findings), matched }
}

const findingOf = ({ severity, rule, path = null, line }: ConfigurationFault, message: string): Finding => ({ severity, rule, message, file: path, line })
