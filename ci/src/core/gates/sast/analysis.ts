import type { Severity } from "../../run.js"

/** One insecure place, as an analyser reported it. */
export interface Weakness {
  readonly rule: string
  /** Other names of the rule, for exceptions. */
  readonly aliases: readonly string[]
  readonly severity: Severity
  readonly message: string
  /** Relative to the folder that was analysed. */
  readonly path: string
  readonly line: number | null
}

/** What an analyser reported. */
export type AnalysisReport =
  | {
      readonly kind: "read"
      readonly weaknesses: readonly Weakness[]
      /** Files that it could not parse, so that it knows nothing of them. */
      readonly unparsed: readonly { readonly path: string; readonly line: number | null; readonly message: string }[]
      /** Every file that it looked at. */
      readonly seen: readonly string[]
    }
  | { readonly kind: "unreadable"; readonly detail: string }

/** What is not known to be harmless counts as high. */
export function gradeOf(rule: string, grades: Readonly<Partial<Record<Severity, readonly string[]>>>): Severity {
  return (Object.keys(grades) as Severity[]).find((severity) => grades[severity]?.includes(rule)) ?? "high"
}

/** A path as a tool names it, relative to a folder. */
export function pathBelow(folder: string, path: string): string {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path.replace(/^\.\//, "")
}
