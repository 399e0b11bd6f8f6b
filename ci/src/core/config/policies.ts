import { objectSchema, pathSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface PoliciesConfig {
  readonly path: string
}

export const POLICIES_SECTION: ConfigSection = {
  key: "policies",
  required: false,
  schema: objectSchema("Policies that manifests are checked against. Default: none.", ["path"], { path: pathSchema("Folder of the policies.") }),
}
