import { objectSchema, pathSchema } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface TerraformConfig {
  readonly path: string
}

export const TERRAFORM_SECTION: ConfigSection = {
  key: "terraform",
  required: false,
  schema: objectSchema("Infrastructure as code. Default: none.", ["path"], { path: pathSchema("Folder of modules and environments.") }),
}
