/** The part of JSON Schema (draft-07) that delivery.yaml is described with. */
export interface SchemaNode {
  readonly type?: string | readonly string[]
  /** What is expected, as the object of "expected …": error messages print it. */
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly maxProperties?: number
  readonly required?: readonly string[]
  readonly items?: SchemaNode
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: boolean | SchemaNode
  readonly propertyNames?: SchemaNode
  readonly if?: SchemaNode
  readonly then?: SchemaNode
  readonly else?: SchemaNode
}

/** An object with exactly the given keys; the second argument names those that must be there. */
export function objectSchema(
  description: string,
  required: readonly string[],
  properties: Readonly<Record<string, SchemaNode>>,
): SchemaNode {
  return { type: "object", title: "a mapping", description, required, properties, additionalProperties: false }
}

/** A mapping from free names to one kind of entry. */
export function mapSchema(description: string, entry: SchemaNode, names: SchemaNode = nameSchema("")): SchemaNode {
  return { type: "object", title: "a mapping", description, additionalProperties: entry, propertyNames: names }
}

export const NAME_EXPECTED = "a name of small letters, digits and dashes that starts with a letter (at most 40)"

export function nameSchema(description: string): SchemaNode {
  return { type: "string", title: NAME_EXPECTED, description, pattern: "^[a-z]([-a-z0-9]*[a-z0-9])?$", maxLength: 40 }
}

export function pathSchema(description: string): SchemaNode {
  const title = "a relative path without `..`"
  return { type: "string", title, description, pattern: "^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\\\]+$" }
}

export const CREDENTIAL_EXPECTED = "the NAME of a credential in capitals, such as KUBECONFIG_STAGING, never its value"

export function credentialSchema(description: string): SchemaNode {
  return { type: "string", title: CREDENTIAL_EXPECTED, description, pattern: "^[A-Z][A-Z0-9_]*$" }
}

export function textSchema(description: string): SchemaNode {
  return { type: "string", title: "a text", description, pattern: "\\S" }
}

export function integerSchema(description: string, minimum: number, maximum: number): SchemaNode {
  return { type: "integer", title: `a whole number from ${minimum} to ${maximum}`, description, minimum, maximum }
}

export function choiceSchema(description: string, choices: readonly string[]): SchemaNode {
  return { type: "string", title: `one of ${choices.join(", ")}`, description, enum: choices }
}

export function listSchema(description: string, items: SchemaNode): SchemaNode {
  return { type: "array", title: "a list", description, items }
}

/** A value as the schema's defaults complete it; without a value the schema's own. */
export function completedBy(schema: SchemaNode, value: unknown = schema.default): unknown {
  if (Array.isArray(value)) return value.map((item) => completedBy(schema.items ?? {}, item))
  if (typeof value !== "object" || value === null) return value
  const missing = Object.entries(schema.properties ?? {}).filter(([key, node]) => !(key in value) && node.default !== undefined)
  return { ...Object.fromEntries(missing.map(([key, node]) => [key, completedBy(node)])), ...value }
}

export function withDefault(schema: SchemaNode, value: unknown): SchemaNode {
  return { ...schema, default: value }
}

export const ENVIRONMENT_VARIABLES: SchemaNode = {
  type: "object",
  title: "a mapping from variable names to values",
  default: {},
  propertyNames: { type: "string", title: "the name of an environment variable", pattern: "^[A-Za-z_][A-Za-z0-9_]*$" },
  additionalProperties: { type: ["string", "number", "boolean"], title: "a text, number or boolean" },
}

/** YAML reads `100` as a number, but an environment variable is always a text. */
export function asVariables(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name, String(value)]))
}
