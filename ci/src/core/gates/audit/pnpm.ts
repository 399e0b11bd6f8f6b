import { lastLine, type ExecOutcome } from "../exec.js"
import { advisoriesReport } from "./advisories.js"
import { asText, isObject, jsonObject, unavailableReport, unreadableReport, type AuditReport, type AuditTool } from "./report.js"

/** `pnpm audit --json`; up to 10 its errors are JSON too, later ones are text on stderr. */
export const PNPM_AUDIT: AuditTool = { command: /(^|[/ ])pnpm(@\S+)?( -\S+)* audit\b/, read: readPnpmAudit }

function readPnpmAudit(exec: ExecOutcome): AuditReport {
  const output = jsonObject(exec.stdout)
  if (isObject(output?.["advisories"])) return advisoriesReport(output["advisories"])
  const error = isObject(output?.["error"]) ? output["error"] : {}
  const said = `${asText(error["code"])} ${asText(error["message"])} ${withoutFrame(exec.stderr)}`
  const detail = asText(error["message"]) || toldCause(withoutFrame(exec.stderr)) || lastLine(exec)
  return PNPM_UNANSWERED.test(said) ? unavailableReport(detail) : unreadableReport(detail)
}

const PNPM_UNANSWERED = /ERR_PNPM_AUDIT_(BAD_RESPONSE|ENDPOINT_NOT_EXISTS)|not valid JSON|Unexpected end of JSON|\bE(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH)\b|ERR_SOCKET_TIMEOUT|socket hang up|fetch failed/

/** pnpm breaks its errors into lines of 80 and draws a frame beside them. */
function withoutFrame(text: string): string {
  return text.replace(/\n\s*│ ?/g, "").replace(/\n\s*(├─▶|╰─▶)/g, ":")
}

function toldCause(text: string): string {
  return /^\s*×\s*(.+)$/m.exec(text)?.[1] ?? ""
}
