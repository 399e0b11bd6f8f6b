import { objectSchema, pathSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface PerfConfig {
  readonly path: string
}

export const PERF_SECTION: ConfigSection = {
  key: "perf",
  required: false,
  schema: objectSchema("Load tests. Default: none.", ["path"], { path: pathSchema("Folder of the k6 scripts.") }),
}
