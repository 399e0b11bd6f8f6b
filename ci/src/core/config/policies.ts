import { listSchema, nameSchema, objectSchema, pathSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface PoliciesConfig {
  readonly path: string
  /** Values files, for policies that are a chart. */
  readonly values?: readonly string[]
  /** ServiceAccount that deploys, in each environment's namespace. */
  readonly deployer?: string
}

export const POLICIES_SECTION: ConfigSection = {
  key: "policies",
  required: false,
  schema: objectSchema("Admission policies that `charts-check` holds the chart to, as the clusters do. Default: none.", ["path"], {
    path: pathSchema("Folder of the policies: a Helm chart, or manifests that are applied as they are."),
    values: listSchema("Values files, for policies that are a chart; relative to the repository, later ones win.", pathSchema("")),
    deployer: nameSchema("ServiceAccount in each environment's namespace that deploys; `charts-check` applies the chart with its rights. Default: with all rights."),
  }),
}
