import { listSchema, objectSchema, pathSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface PoliciesConfig {
  readonly path: string
  /** Values files, for policies that are a chart. */
  readonly values?: readonly string[]
}

export const POLICIES_SECTION: ConfigSection = {
  key: "policies",
  required: false,
  schema: objectSchema("Admission policies that `charts-check` holds the chart to, as the clusters do. Default: none.", ["path"], {
    path: pathSchema("Folder of the policies: a Helm chart, or manifests that are applied as they are."),
    values: listSchema("Values files, for policies that are a chart; relative to the repository, later ones win.", pathSchema("")),
  }),
}
