import { SEVERITIES, type Severity } from "../../run.js"
import type { ExecOutcome } from "../exec.js"

/** What an audit tool could tell. */
export type AuditReport =
  /** `notLookedUp` says which dependencies nobody knows anything about; null when there is none. */
  | { readonly kind: "read"; readonly vulnerabilities: readonly Vulnerability[]; readonly notLookedUp: string | null }
  /** The advisory service did not answer, or nothing that the tool could read. */
  | { readonly kind: "unavailable"; readonly detail: string }
  /** The tool itself went wrong. */
  | { readonly kind: "unreadable"; readonly detail: string }

/** An audit tool. */
export interface AuditTool {
  /** How a command that runs it looks, its words joined by blanks. */
  readonly command: RegExp
  /** Reads what it printed; throws for no input. */
  readonly read: (exec: ExecOutcome) => AuditReport
}

/** One advisory that concerns one package. */
export interface Vulnerability {
  readonly packageName: string
  readonly severity: Severity
  /** All names of the advisory, its own first: GHSA-…, CVE-…, PYSEC-…. */
  readonly ids: readonly string[]
  readonly rule: string
  readonly message: string
}

export const readReport = (vulnerabilities: readonly Vulnerability[]): AuditReport => ({ kind: "read", vulnerabilities, notLookedUp: null })
export const unavailableReport = (detail: string): AuditReport => ({ kind: "unavailable", detail: oneLine(detail) })
export const unreadableReport = (detail: string): AuditReport => ({ kind: "unreadable", detail: oneLine(detail) })

/** An advisory of npm's kind, as all tools that ask npm's registry have it. */
export function npmVulnerability(advisory: { name: string; range: string; title: string; severity: unknown; url: unknown; aliases?: readonly unknown[] }): Vulnerability {
  const { name, range, title, url, aliases = [] } = advisory
  const ids = [...new Set([lastPart(url), ...aliases].filter(isText))]
  const named = ids[0] === undefined ? "" : ` (${ids[0]})`
  const message = oneLine(`${name} ${range}: ${title}${named}`)
  return { packageName: name, severity: asSeverity(advisory.severity), ids, rule: isText(url) ? url : (ids[0] ?? name), message }
}

function lastPart(url: unknown): string | undefined {
  return isText(url) ? url.split(/[?#]/)[0]?.split("/").filter(isText).at(-1) : undefined
}

/** What is not known to be harmless counts as high. */
export function asSeverity(word: unknown): Severity {
  return SEVERITIES.find((severity) => severity === word) ?? "high"
}

/** Each advisory once for each package, however many places it was found at. */
export function distinct(vulnerabilities: readonly Vulnerability[]): readonly Vulnerability[] {
  return [...new Map(vulnerabilities.map((each) => [`${each.packageName} ${each.rule}`, each])).values()]
}

export type JsonObject = Readonly<Record<string, unknown>>

/** A JSON object; null when the text is something else. Lines before and after it are a tool's chatter. */
export function jsonObject(text: string): JsonObject | null {
  return parsedObject(text) ?? parsedObject(/^\{[^]*^\}/m.exec(text)?.[0] ?? "")
}

/** Every line that is a JSON object. */
export function jsonLines(text: string): readonly JsonObject[] {
  return text.split("\n").map(parsedObject).filter((line) => line !== null)
}

function parsedObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    // Not JSON: the reader reports what the tool printed instead.
    return null
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== ""
}

export function asText(value: unknown): string {
  return isText(value) ? value : ""
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, 300)
