import { AUDIT_LEVELS, type AuditLevel } from "./audit.js"
import { checkExceptionDays, exceptionsSchema, type DatedException } from "./exceptions.js"
import { choiceSchema, listSchema, objectSchema, pathSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface SastConfig {
  /** Lowest severity that fails. */
  readonly level: AuditLevel
  /** Globs of what is not analysed, relative to each service. */
  readonly exclude: readonly string[]
  readonly exceptions: readonly DatedException[]
}

/** Code that is never delivered, and code that nobody wrote. */
const NOT_ANALYSED = [
  "**/{test,tests,__tests__,e2e}/**", "**/*.{test,spec}.*", "**/test_*.py", "**/*_test.py", "**/conftest.py", "**/*.min.js",
]

const ruleSchema: SchemaNode = {
  type: "string",
  title: "the name of a rule, such as S602 or security/detect-child-process",
  description: "The rule as the finding names it.",
  pattern: "^[A-Za-z][0-9A-Za-z/-]*$",
}

export const SAST_SECTION: ConfigSection = {
  key: "sast",
  required: false,
  check: ({ root }) => checkExceptionDays("sast", ((root["sast"] ?? {}) as Partial<SastConfig>).exceptions),
  schema: withDefault(
    objectSchema("Insecure code of the services.", [], {
      level: withDefault(choiceSchema("Lowest severity that fails.", AUDIT_LEVELS), "high"),
      exclude: withDefault(listSchema("Files that are not analysed, as globs relative to each service; the closing table tells how many.", pathSchema("Glob, such as `vendor/**`.")), NOT_ANALYSED),
      exceptions: exceptionsSchema("What does not fail for a while.", ruleSchema, { path: true }),
    }),
    {},
  ),
}
