import { checkExceptionDays, exceptionsSchema, type DatedException } from "./exceptions.js"
import { choiceSchema, objectSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

/** Lowest severity that fails `audit`, mildest first. */
export const AUDIT_LEVELS = ["low", "moderate", "high", "critical"] as const
export type AuditLevel = (typeof AUDIT_LEVELS)[number]

export interface AuditConfig {
  readonly level: AuditLevel
  /** What becomes of `audit` when the advisory service cannot be asked: an error, or a skip. */
  readonly onUnavailable: "fail" | "warn"
  readonly exceptions: readonly DatedException[]
}

const idSchema: SchemaNode = {
  type: "string",
  title: "the id of an advisory, such as GHSA-p6mc-m468-83gw, CVE-2020-8203 or PYSEC-2018-28",
  description: "Any id of the advisory.",
  pattern: "^[A-Z]+-[0-9A-Za-z-]+$",
}

export const AUDIT_SECTION: ConfigSection = {
  key: "audit",
  required: false,
  check: ({ root }) => checkExceptionDays("audit", ((root["audit"] ?? {}) as Partial<AuditConfig>).exceptions),
  schema: withDefault(
    objectSchema("Known vulnerabilities in dependencies.", [], {
      level: withDefault(choiceSchema("Lowest severity that fails.", AUDIT_LEVELS), "high"),
      onUnavailable: withDefault(
        choiceSchema("When no advisory service answers: `fail` is an error, `warn` skips the stage as unavailable.", [
          "fail",
          "warn",
        ]),
        "fail",
      ),
      exceptions: exceptionsSchema("Vulnerabilities that do not fail for a while; `scan` spares them too.", idSchema, { path: false }),
    }),
    {},
  ),
}
