import fc from "fast-check"

/** The part of JSON Schema (draft-07) that charts here are described with. */
export interface ValuesSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly ValuesSchema[]
  /** The first says what there may be, the others what must be. */
  readonly allOf?: readonly ValuesSchema[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: ValuesSchema
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly minProperties?: number
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, ValuesSchema | false>>
  readonly patternProperties?: Readonly<Record<string, ValuesSchema | false>>
  readonly definitions?: Readonly<Record<string, ValuesSchema>>
}

const ENTRIES_AT_MOST = 3
const TEXT_AT_MOST = 60

/** Values that a schema allows, but for its `not`: those it may break, so what comes out is to be checked once more. */
export function allowedBy(schema: ValuesSchema, root: ValuesSchema = schema): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return allowedBy(resolved(schema.$ref, root), root)
  if (schema.allOf !== undefined) return allowedBy(schema.allOf.reduce((all: ValuesSchema, each) => ({ ...all, ...(each.$ref === undefined ? each : resolved(each.$ref, root)) }), {}), root)
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum)
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((each) => allowedBy(each, root)))
  if (Array.isArray(schema.type)) return fc.oneof(...(schema.type as string[]).map((type) => allowedBy({ ...schema, type }, root)))
  switch (schema.type) {
    case "object":
      return objectsOf(schema, root)
    case "array":
      return listsOf(schema, root)
    case "string":
      return textsOf(schema)
    case "boolean":
      return fc.boolean()
    case "integer":
      return fc.oneof(fc.constantFrom(schema.minimum ?? 0, schema.maximum ?? 100), fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 100 }))
    case "number":
      return fc.oneof(fc.integer({ min: -1e15, max: 1e15 }), fc.double({ min: -1e6, max: 1e6, noNaN: true, noDefaultInfinity: true }))
    default:
      throw new Error(`no values for the schema ${JSON.stringify(schema)}`)
  }
}

function resolved(reference: string, root: ValuesSchema): ValuesSchema {
  const found = root.definitions?.[reference.replace("#/definitions/", "")]
  if (found === undefined) throw new Error(`${reference}: not in the schema`)
  return found
}

function objectsOf({ properties = {}, patternProperties = {}, required = [], minProperties = 0 }: ValuesSchema, root: ValuesSchema): fc.Arbitrary<unknown> {
  const known = Object.entries(properties).flatMap(([name, node]) => (node === false ? [] : [[name, allowedBy(node, root)] as const]))
  const fixed = fc.record(Object.fromEntries(known), { requiredKeys: [...required].filter((name) => known.some(([each]) => each === name)) })
  const free = Object.entries(patternProperties).flatMap(([pattern, node]) =>
    node === false ? [] : [fc.dictionary(fc.stringMatching(new RegExp(pattern)).filter((name) => !(name in properties)), allowedBy(node, root), { minKeys: minProperties, maxKeys: ENTRIES_AT_MOST })],
  )
  return fc.tuple(fixed, ...free).map((parts) => Object.assign({}, ...parts) as unknown)
}

function listsOf(schema: ValuesSchema, root: ValuesSchema): fc.Arbitrary<unknown> {
  const limits = { minLength: schema.minItems ?? 0, maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? ENTRIES_AT_MOST, ENTRIES_AT_MOST)) }
  const items = allowedBy(schema.items ?? {}, root)
  return schema.uniqueItems === true ? fc.uniqueArray(items, { ...limits, selector: (item) => JSON.stringify(item) }) : fc.array(items, limits)
}

function textsOf({ pattern, minLength = 0, maxLength = Infinity }: ValuesSchema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength)
  const most = Math.max(minLength, Math.min(maxLength, TEXT_AT_MOST))
  return fc.oneof(fc.string({ minLength, maxLength: most }), fc.string({ minLength, maxLength: most, unit: "grapheme" }))
}
