import { lastLine, type ExecOutcome } from "../exec.js"
import { readReport, unreadableReport, type AuditReport, type AuditTool } from "./report.js"

/** Any command may stand here, so 0 is all that has a meaning: what else it means, only its own words say. */
export const EXIT_CODE_AUDIT: AuditTool = { command: /^/, read: readExitCode }

function readExitCode(exec: ExecOutcome): AuditReport {
  return exec.exitCode === 0 ? readReport([]) : unreadableReport(lastLine(exec))
}
