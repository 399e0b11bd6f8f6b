import type { RawService } from "../config/services.js"
import { serviceSchema } from "../config/services-schema.js"
import type { SchemaNode } from "../config/schema-node.js"

/** A service of which only the path is written, as the schema's defaults leave it. */
export function bareService(path: string): RawService {
  return { ...(defaultsOf(serviceSchema) as Omit<RawService, "path">), path }
}

function defaultsOf({ properties = {} }: SchemaNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(properties).flatMap(([key, node]) => {
      if (node.default === undefined) return []
      const nested = typeof node.default === "object" && node.default !== null && !Array.isArray(node.default) && node.properties !== undefined
      return [[key, nested ? defaultsOf(node) : node.default]]
    }),
  )
}
