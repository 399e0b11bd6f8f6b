import { listSchema, objectSchema, pathSchema, withDefault } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface LintConfig {
  /** Globs of files of no service that are not looked at. */
  readonly exclude: readonly string[]
}

export const LINT_SECTION: ConfigSection = {
  key: "lint",
  required: false,
  schema: withDefault(
    objectSchema("Linting of Dockerfiles, YAML and CI files; services bring linters and settings of their own.", [], {
      exclude: withDefault(listSchema("Files that are not linted, as globs relative to the repository; the closing table tells how many.", pathSchema("Glob, such as `docs/samples/**`.")), []),
    }),
    {},
  ),
}
