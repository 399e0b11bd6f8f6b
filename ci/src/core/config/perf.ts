import { objectSchema, pathSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface PerfConfig {
  readonly path: string
  /** The scenario where the call names none; null where there is one alone. */
  readonly scenario: string | null
}

export const PERF_SECTION: ConfigSection = {
  key: "perf",
  required: false,
  schema: objectSchema("Load tests. Default: none.", ["path"], {
    path: pathSchema("Folder of the k6 scripts: scenarios/<name>.ts or .js, budgets.json, profiles.json."),
    scenario: { type: "string", title: "the name of a script in scenarios/, without its ending", description: "Scenario of a call that names none. Default: the only one.", pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]*$" },
  }),
}

/** The section as the schema leaves it. */
export interface RawPerf {
  readonly path: string
  readonly scenario?: string
}
