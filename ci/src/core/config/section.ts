import type { ConfigProblem } from "../errors.js"
import type { SchemaNode } from "./schema-node.js"

/** A problem as a section reports it; file and line are found from the path. */
export interface SectionProblem extends Omit<ConfigProblem, "file" | "line" | "where"> {
  readonly path: readonly (string | number)[]
}

/** What a section's own checks see: what broke the schema is left out or undefined, names of entries are not. */
export interface SectionInput {
  readonly serviceNames: readonly string[]
  /** The whole file after the schema's defaults, without what broke the schema. */
  readonly root: Readonly<Record<string, unknown>>
}

/** One top-level key of delivery.yaml. */
export interface ConfigSection {
  readonly key: string
  readonly schema: SchemaNode
  readonly required: boolean
  /** What no JSON schema can say. */
  readonly check?: (input: SectionInput) => readonly SectionProblem[]
}
