import type { ConfigSection } from "./section.js"
import { mapSchema, withDefault } from "./schema-node.js"

export const IMAGES_SECTION: ConfigSection = {
  key: "images",
  required: false,
  schema: withDefault(
    mapSchema("Images to use instead of those of pins.yaml, by their key there.", {
      type: "string",
      title: "an image with a tag or digest, such as node:24-bookworm-slim",
      description: "Image with tag or digest.",
      pattern: "^[a-z0-9][^\\s@]*(:[A-Za-z0-9_][A-Za-z0-9._-]*(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$",
    }),
    {},
  ),
}
