import { CREDENTIAL_EXPECTED, type SchemaNode } from "../config/schema-node.js"
import { configSchema } from "../config/sections.js"

/** Names of the credentials that a delivery.yaml asks for, without those of environments that are not named here. */
export function namesOfCredentials(data: unknown, environments: readonly string[]): readonly string[] {
  const root = mappingOf(data)
  const chosen = Object.fromEntries(Object.entries(mappingOf(root["environments"])).filter(([name]) => environments.includes(name)))
  return [...new Set(namesIn(configSchema(), { ...root, environments: chosen }))]
}

/** The schema knows which texts are names of credentials, so a section that is added needs nothing here. */
function namesIn(schema: SchemaNode, data: unknown): readonly string[] {
  if (schema.title === CREDENTIAL_EXPECTED) return typeof data === "string" ? [data] : []
  const { items, additionalProperties: entry } = schema
  if (Array.isArray(data)) return items === undefined ? [] : (data as unknown[]).flatMap((item) => namesIn(items, item))
  const known = { ...schema.properties, ...schema.then?.properties, ...schema.else?.properties }
  return Object.entries(mappingOf(data)).flatMap(([key, value]) => {
    const node = known[key] ?? (typeof entry === "object" ? entry : undefined)
    return node === undefined ? [] : namesIn(node, value)
  })
}

const mappingOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {}
