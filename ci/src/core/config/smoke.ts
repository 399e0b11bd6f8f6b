import { choiceSchema, integerSchema, objectSchema, withDefault, type SchemaNode } from "./schema-node.js"

/** One request after a deployment and what its answer must be. */
export interface SmokeCheck {
  readonly name: string
  readonly method: string
  readonly path: string
  /** Sent as JSON; null sends none. */
  readonly body: unknown
  readonly status: number
  /** A text that the answer must contain. */
  readonly contains: string | null
  /** Values of the JSON answer by dotted path, such as `service` or `items.0.id`. */
  readonly json: Readonly<Record<string, unknown>>
  /** Texts that headers of the answer must contain, by name in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly maximumLatencyMs: number
}

export type RawSmokeCheck = Partial<SmokeCheck> & Pick<SmokeCheck, "path" | "method" | "status" | "maximumLatencyMs">

export const urlPathSchema = (description: string): SchemaNode => ({
  type: "string",
  title: "a URL path that starts with `/`",
  description,
  pattern: "^/\\S*$",
})

export const smokeSchema: SchemaNode = objectSchema("One request and what its answer must be.", ["path"], {
  name: { type: "string", title: "a text", description: "Name in reports. Default: method and path." },
  method: withDefault(choiceSchema("HTTP method.", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]), "GET"),
  path: urlPathSchema("Path on the service."),
  body: { description: "Sent as JSON. Default: no body." },
  status: withDefault(integerSchema("Status that must come back.", 100, 599), 200),
  contains: { type: "string", title: "a text", description: "A text that the answer must contain." },
  json: {
    type: "object",
    title: "a mapping from dotted paths to values",
    description: "Values of the JSON answer by dotted path, such as `service` or `items.0.id`.",
  },
  headers: {
    type: "object",
    title: "a mapping from header names to texts",
    description: "Texts that headers of the answer must contain, such as `content-type: json`.",
    additionalProperties: { type: "string", title: "a text" },
  },
  maximumLatencyMs: withDefault(integerSchema("Slowest answer that passes, in milliseconds.", 1, 600000), 2000),
})

export function completeSmokeCheck(raw: RawSmokeCheck): SmokeCheck {
  return {
    ...raw,
    name: raw.name ?? `${raw.method} ${raw.path}`,
    body: raw.body ?? null,
    contains: raw.contains ?? null,
    json: raw.json ?? {},
    headers: Object.fromEntries(Object.entries(raw.headers ?? {}).map(([name, text]) => [name.toLowerCase(), text])),
  }
}
