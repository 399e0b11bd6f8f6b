import { choiceSchema, listSchema, objectSchema, textSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { ConfigSection, SectionInput, SectionProblem } from "./section.js"

/** Lowest severity that fails `audit`, mildest first. */
export const AUDIT_LEVELS = ["low", "moderate", "high", "critical"] as const
export type AuditLevel = (typeof AUDIT_LEVELS)[number]

/** A known vulnerability that does not fail `audit` for a while. */
export interface AuditException {
  readonly id: string
  readonly package?: string
  readonly reason: string
  /** The last day that it counts, such as 2026-12-31. */
  readonly until: string
}

export interface AuditConfig {
  readonly level: AuditLevel
  /** What becomes of `audit` when the advisory service cannot be asked: an error, or a skip. */
  readonly onUnavailable: "fail" | "warn"
  readonly exceptions: readonly AuditException[]
}

const idSchema: SchemaNode = {
  type: "string",
  title: "the id of an advisory, such as GHSA-p6mc-m468-83gw, CVE-2020-8203 or PYSEC-2018-28",
  description: "Any id of the advisory.",
  pattern: "^[A-Z]+-[0-9A-Za-z-]+$",
}

const DATE_EXPECTED = "a day such as 2026-12-31"

const untilSchema: SchemaNode = {
  type: "string",
  title: DATE_EXPECTED,
  description: "The last day that the exception counts; after it the vulnerability fails again.",
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}

const exceptionSchema = objectSchema("A known vulnerability that does not fail for a while.", ["id", "reason", "until"], {
  id: idSchema,
  package: textSchema("Only in this package. Default: in any."),
  reason: textSchema("Why it does no harm here, or what it waits for; reports show it."),
  until: untilSchema,
})

export const AUDIT_SECTION: ConfigSection = {
  key: "audit",
  required: false,
  check: checkAudit,
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
      exceptions: withDefault(listSchema("Vulnerabilities that do not fail for a while.", exceptionSchema), []),
    }),
    {},
  ),
}

/** What no schema can say: whether the calendar has such a day. */
function checkAudit({ root }: SectionInput): readonly SectionProblem[] {
  const { exceptions = [] } = (root["audit"] ?? {}) as Partial<AuditConfig>
  return exceptions.flatMap(({ until }, index) => {
    if (isRealDay(until)) return []
    return [{ path: ["audit", "exceptions", index, "until"], expected: DATE_EXPECTED, got: `"${until}"`, fix: "The calendar has no such day: correct it." }]
  })
}

function isRealDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split("-").map(Number)
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return day >= 1 && day <= days
}
