import type { AuditReportKind } from "../../toolchains/toolchain.js"
import { readExitCode } from "./exit-code.js"
import { readNpmAudit } from "./npm.js"
import { readPipAudit } from "./pip-audit.js"
import { readPnpmAudit } from "./pnpm.js"
import type { AuditReader } from "./report.js"
import { readYarnBerryAudit } from "./yarn-berry.js"
import { readYarnClassicAudit } from "./yarn-classic.js"

/** Every report that is understood: one line registers one. */
export const AUDIT_READERS: Readonly<Record<AuditReportKind, AuditReader>> = {
  npm: readNpmAudit,
  pnpm: readPnpmAudit,
  "yarn-classic": readYarnClassicAudit,
  "yarn-berry": readYarnBerryAudit,
  "pip-audit": readPipAudit,
  "exit-code": readExitCode,
}
