import type { AuditReportKind } from "../../toolchains/toolchain.js"
import { EXIT_CODE_AUDIT } from "./exit-code.js"
import { NPM_AUDIT } from "./npm.js"
import { PIP_AUDIT } from "./pip-audit.js"
import { PNPM_AUDIT } from "./pnpm.js"
import type { AuditReport, AuditTool } from "./report.js"
import { YARN_BERRY_AUDIT } from "./yarn-berry.js"
import { YARN_CLASSIC_AUDIT } from "./yarn-classic.js"
import type { ExecOutcome } from "../exec.js"

/** Every report that is understood: one line registers one. */
export const AUDIT_TOOLS: Readonly<Record<AuditReportKind, AuditTool>> = {
  npm: NPM_AUDIT,
  pnpm: PNPM_AUDIT,
  "yarn-classic": YARN_CLASSIC_AUDIT,
  "yarn-berry": YARN_BERRY_AUDIT,
  "pip-audit": PIP_AUDIT,
  "exit-code": EXIT_CODE_AUDIT,
}

/**
 * The report of one command, `expected` being what the service's toolchain leaves.
 * A command may also prepare the next, or be one of delivery.yaml's own: then its exit code is all there is.
 */
export function readAudit(exec: ExecOutcome, expected: AuditReportKind): AuditReport {
  const known = Object.values(AUDIT_TOOLS).find((tool) => tool !== EXIT_CODE_AUDIT && tool.command.test(exec.argv.join(" ")))
  if (known !== undefined) return known.read(exec)
  const report = AUDIT_TOOLS[expected].read(exec)
  return report.kind === "unreadable" ? EXIT_CODE_AUDIT.read(exec) : report
}
