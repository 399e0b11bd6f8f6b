import { choiceSchema, objectSchema, withDefault } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

/** Lowest severity that fails `audit`, mildest first. */
export const AUDIT_LEVELS = ["low", "moderate", "high", "critical"] as const
export type AuditLevel = (typeof AUDIT_LEVELS)[number]

export interface AuditConfig {
  readonly level: AuditLevel
  /** What becomes of `audit` when the advisory service cannot be asked: an error, or a skip. */
  readonly onUnavailable: "fail" | "warn"
}

export const AUDIT_SECTION: ConfigSection = {
  key: "audit",
  required: false,
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
    }),
    {},
  ),
}
