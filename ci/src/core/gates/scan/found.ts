import type { Severity } from "../../run.js"
import type { Exceptable } from "../exceptions.js"

/** One thing that a scanner found. */
export interface ScannedFault extends Exceptable {
  readonly kind: "vulnerability" | "misconfiguration" | "secret" | "licence" | "weakness"
  readonly severity: Severity
  readonly rule: string
  readonly message: string
  readonly line: number | null
  /** The environment that a chart was rendered for, where it is about one. */
  readonly renderedFor: string | null
  /** Why it is told and does not fail whatever its severity; null when it may fail. */
  readonly spared: string | null
}

/** What a scanner reported. */
export type ScanReport =
  | { readonly kind: "read"; readonly faults: readonly ScannedFault[]; readonly results: readonly ScanResult[]; readonly facts: ScanFacts }
  | { readonly kind: "unreadable"; readonly detail: string }

/** One file or group of packages that the scanner has understood. */
export interface ScanResult {
  readonly target: string
  readonly class: string
  readonly packages: number
}

export interface ScanFacts {
  /** How many things the scanner's own exit code is about. */
  readonly counted: number
  /** `debian 12.1`; null when an image shows none. */
  readonly system: string | null
  readonly isEndOfLife: boolean
  readonly layers: number
}

export const unreadableScan = (detail: string): ScanReport => ({ kind: "unreadable", detail: detail.replace(/\s+/g, " ").trim().slice(0, 300) })

const WORDS: Readonly<Record<string, Severity>> = { CRITICAL: "critical", HIGH: "high", MEDIUM: "moderate", LOW: "low" }

/** What is not known to be harmless counts as high. */
export const severityOfWord = (word: unknown): Severity => (typeof word === "string" ? WORDS[word] : undefined) ?? "high"
