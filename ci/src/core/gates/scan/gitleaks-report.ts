import { asText, isObject, isText } from "../audit/report.js"

/** A secret, by its place; what it is never leaves the scanner. */
export interface LeakedSecret {
  readonly rule: string
  readonly description: string
  readonly file: string
  readonly line: number
  readonly startColumn: number
  readonly endColumn: number
  /** The commit that brought it; null for what lies in the tree. */
  readonly commit: string | null
}

/** gitleaks' JSON; null when it is not what gitleaks writes. */
export function readGitleaks(text: string | null, root: string): readonly LeakedSecret[] | null {
  const list = listOf(text)
  const leaks = list?.map((entry) => leakOf(entry, root)) ?? [null]
  return leaks.every((leak) => leak !== null) ? leaks : null
}

function leakOf(entry: unknown, root: string): LeakedSecret | null {
  if (!isObject(entry) || !isText(entry["RuleID"]) || !isText(entry["File"]) || typeof entry["StartLine"] !== "number") return null
  const file = entry["File"]
  const column = (key: string): number => (typeof entry[key] === "number" ? entry[key] : 0)
  return {
    rule: entry["RuleID"],
    description: asText(entry["Description"]),
    file: file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file,
    line: entry["StartLine"],
    startColumn: column("StartColumn"),
    endColumn: column("EndColumn"),
    commit: isText(entry["Commit"]) ? entry["Commit"].slice(0, 12) : null,
  }
}

function listOf(text: string | null): readonly unknown[] | null {
  try {
    const value: unknown = JSON.parse(text ?? "")
    return Array.isArray(value) ? value : null
  } catch {
    // Not JSON: the caller tells.
    return null
  }
}
