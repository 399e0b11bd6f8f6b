import { lastLine, type ExecOutcome } from "../exec.js"
import { advisoryVulnerability } from "./advisories.js"
import { asText, distinct, isObject, jsonLines, readReport, unavailableReport, unreadableReport, type AuditReport, type AuditTool, type JsonObject } from "./report.js"

/** `yarn audit --json` of yarn 1: a line for each place of an advisory, and a summary that is there only when all went well. */
export const YARN_CLASSIC_AUDIT: AuditTool = { command: /(^|[/ ])yarn(pkg|@\S+|\S*\.c?js)?( -\S+)* audit\b/, read: readYarnClassicAudit }

function readYarnClassicAudit(exec: ExecOutcome): AuditReport {
  const lines = jsonLines(exec.stdout)
  const summary = lines.find(({ type }) => type === "auditSummary")
  if (summary === undefined) return failure(exec, lines)
  const found = lines.filter(({ type }) => type === "auditAdvisory").map(advisoryOf)
  if (found.includes(null)) return unreadableReport("a line of the report is not understood")
  const vulnerabilities = found.flatMap((advisory) => (advisory === null ? [] : advisoryVulnerability(advisory)))
  const counted = countOf(summary)
  if (counted > 0 && found.length === 0) return unreadableReport(`the summary counts ${counted} vulnerabilities, and the report names none`)
  return readReport(distinct(vulnerabilities))
}

function advisoryOf({ data }: JsonObject): JsonObject | null {
  return isObject(data) && isObject(data["advisory"]) ? data["advisory"] : null
}

function countOf({ data }: JsonObject): number {
  const counts = isObject(data) && isObject(data["vulnerabilities"]) ? Object.values(data["vulnerabilities"]) : []
  return counts.reduce<number>((sum, count) => sum + (typeof count === "number" ? count : 0), 0)
}

function failure(exec: ExecOutcome, lines: readonly JsonObject[]): AuditReport {
  const told = [...jsonLines(exec.stderr), ...lines].find(({ type }) => type === "error")
  const error = asText(told?.["data"]).split("\n    at ")[0] ?? ""
  const response = /^ResponseError: (.+)$/m.exec(exec.stderr)?.[1]
  if (response !== undefined) return unavailableReport(response)
  return YARN_CLASSIC_UNANSWERED.test(error) ? unavailableReport(error) : unreadableReport(error || lastLine(exec))
}

const YARN_CLASSIC_UNANSWERED = /security\/audits|Unexpected audit response|tunneling socket|socket hang up|\bE(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH)\b|ESOCKETTIMEDOUT/
