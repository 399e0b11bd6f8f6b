import type { ConfigSection } from "./section.js"
import { nameSchema } from "./schema-node.js"

export const VERSION_SECTION: ConfigSection = {
  key: "version",
  required: true,
  schema: { const: 1, title: "`1`", description: "Version of this format." },
}

export const PROJECT_SECTION: ConfigSection = {
  key: "project",
  required: true,
  schema: nameSchema("Name of the product; names cache volumes and labels."),
}

export const REPOSITORY_SECTION: ConfigSection = {
  key: "repository",
  required: false,
  schema: {
    type: "string",
    title: "the address of a repository, such as https://github.com/example/shop",
    description: "Where people find the sources; a label of the images. Default: none.",
    pattern: "^https://[^\\s@]+$",
  },
}
