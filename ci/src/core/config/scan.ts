import { AUDIT_LEVELS, type AuditLevel } from "./audit.js"
import { checkExceptionDays, exceptionsSchema, type DatedException } from "./exceptions.js"
import { choiceSchema, integerSchema, listSchema, objectSchema, pathSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface ScanConfig {
  /** Lowest severity that fails. */
  readonly level: AuditLevel
  /** Vulnerabilities that nothing mends yet are told and do not fail. */
  readonly ignoreUnfixed: boolean
  /** An older vulnerability database is an error. */
  readonly maxDatabaseAgeDays: number
  /** Whether licences that bind are told, or judged by their severity. */
  readonly licenses: "report" | "fail"
  /** VEX documents of the repository: what is known not to concern the product. */
  readonly vex: readonly string[]
  /** Globs of what is not looked at. */
  readonly exclude: readonly string[]
  readonly exceptions: readonly DatedException[]
}

const scanIdSchema: SchemaNode = {
  type: "string",
  title: "the id of an advisory, check, rule or licence, such as CVE-2020-8203, KSV-0017, github-pat or GPL-3.0-only",
  description: "What the report calls it; of a vulnerability any of its ids.",
  pattern: "^[A-Za-z][0-9A-Za-z.+-]*$",
}

export const SCAN_SECTION: ConfigSection = {
  key: "scan",
  required: false,
  check: ({ root }) => checkExceptionDays("scan", ((root["scan"] ?? {}) as Partial<ScanConfig>).exceptions),
  schema: withDefault(
    objectSchema("Vulnerabilities, secrets and unsafe configuration in sources and images.", [], {
      level: withDefault(choiceSchema("Lowest severity that fails.", AUDIT_LEVELS), "high"),
      ignoreUnfixed: withDefault({ type: "boolean", title: "true or false", description: "Vulnerabilities that nothing mends yet are told and do not fail." }, false),
      maxDatabaseAgeDays: withDefault(integerSchema("An older vulnerability database is an error, in days; its publisher makes a new one every six hours.", 1, 90), 3),
      licenses: withDefault(
        choiceSchema("Licences that bind what is linked with them, such as the GPL: `report` tells them, `fail` judges them by `level`.", ["report", "fail"]),
        "report",
      ),
      vex: withDefault(listSchema("VEX documents (OpenVEX, CycloneDX, CSAF) that say what does not concern the product.", pathSchema("File of the repository.")), []),
      exclude: withDefault(listSchema("Files and folders that are not scanned, as globs; the closing table tells.", pathSchema("Glob, such as `test/fixtures/**`.")), []),
      exceptions: exceptionsSchema("What does not fail for a while; `audit.exceptions` count here too.", scanIdSchema, { path: true }),
    }),
    {},
  ),
}
