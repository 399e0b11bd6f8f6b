import { lastLine, type ExecOutcome } from "../exec.js"
import { readReport, unreadableReport, type AuditReport } from "./report.js"

/** Any command may stand here, so 0 is all that has a meaning: what else it means, only its own words say. */
export function readExitCode(exec: ExecOutcome): AuditReport {
  return exec.exitCode === 0 ? readReport([]) : unreadableReport(lastLine(exec))
}
