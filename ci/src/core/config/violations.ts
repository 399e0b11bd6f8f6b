import type { SchemaViolation } from "../lazy.js"
import { suggestion } from "../nearest.js"
import { CREDENTIAL_EXPECTED, type SchemaNode } from "./schema-node.js"
import type { SectionProblem } from "./section.js"

/** What the schema validator found, in our words. */
export function schemaProblems(violations: readonly SchemaViolation[]): readonly SectionProblem[] {
  return violations.filter(isOwnFault).map(describeViolation)
}

/** `if` and the inside of `propertyNames` only repeat what another violation says better. */
function isOwnFault(violation: SchemaViolation): boolean {
  return violation.keyword !== "if" && !/\/propertyNames\//.test(violation.schemaPath)
}

function describeViolation(violation: SchemaViolation): SectionProblem {
  const path = pointerPath(violation.instancePath)
  const schema: SchemaNode = violation.parentSchema ?? {}
  const wanted = schema.title ?? "something else"
  const got = rendered(violation.data, schema)
  switch (violation.keyword) {
    case "additionalProperties": {
      const key = String(violation.params["additionalProperty"])
      const known = Object.keys(schema.properties ?? {})
      return { path: [...path, key], expected: "a known key", got: `unknown key \`${key}\``, fix: suggestion(key, known) }
    }
    case "propertyNames": {
      const key = String(violation.params["propertyName"])
      const title = schema.propertyNames?.title ?? "another name"
      return { path: [...path, key], expected: title, got: `\`${key}\``, fix: "Rename it." }
    }
    case "required": {
      const key = String(violation.params["missingProperty"])
      const missing = schema.properties?.[key]
      const fix = `Add \`${key}\`: ${missing?.title ?? "a value"}.`
      return { path, expected: `the key \`${key}\``, got: "nothing", fix }
    }
    case "minProperties":
    case "minItems":
      return { path, expected: wanted === "a mapping" ? "at least one entry" : wanted, got: "none", fix: advice(schema) }
    case "enum": {
      const fix = typeof violation.data === "string" ? suggestion(violation.data, (schema.enum ?? []).map(String)) : advice(schema)
      return { path, expected: wanted, got, fix }
    }
    default:
      return { path, expected: wanted, got, fix: advice(schema) }
  }
}

function advice(schema: SchemaNode): string {
  return schema.description === undefined || schema.description === "" ? "Correct it." : schema.description
}

/** A JSON pointer as a path; numbers stay texts, which is what keys of lines are made of. */
function pointerPath(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
}

/** A value as an error message may show it; what may be a secret is not shown. */
function rendered(value: unknown, schema: SchemaNode): string {
  if (value === undefined || value === null) return "nothing"
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list"
  if (typeof value === "object") return "a mapping"
  if (schema.title === CREDENTIAL_EXPECTED) return "a value not shown here, for it may be a secret"
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text
}
