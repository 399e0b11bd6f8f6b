import { joinPath, textOf, type TreeFacts } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"

/** What is used of a package.json; whatever has another type than it should counts as not written. */
export interface PackageManifest {
  /** Relative to the repository. */
  readonly file: string
  readonly text: string
  readonly packageManager: string | null
  /** `engines.node`. */
  readonly nodeRange: string | null
  readonly workspaces: readonly string[]
  readonly scripts: ReadonlyMap<string, string>
  /** Dependencies of every kind, with what is asked of each. */
  readonly dependencies: ReadonlyMap<string, string>
  readonly files: readonly string[]
  /** Each of its top-level keys, with what it holds as JSON: tools may be configured there. */
  readonly sections: ReadonlyMap<string, string>
}

export interface ReadManifest {
  readonly manifest: PackageManifest
  readonly problems: readonly ConfigProblem[]
}

const DEPENDENCY_KINDS = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"]

/** Where nobody has looked at the tree, the usual scripts are taken to be there. */
const UNSEEN = { scripts: { lint: "eslint .", build: "tsc", test: "vitest run --reporter=junit" } }

/** Reads the package.json of a folder; one that is not there is one that says nothing. */
export function readManifest(tree: TreeFacts, folder: string): ReadManifest {
  const file = joinPath(folder, "package.json")
  const text = textOf(tree, folder, "package.json")
  if (tree.paths.size === 0) return { manifest: manifestOf(file, "", UNSEEN), problems: [] }
  if (text === null) return { manifest: manifestOf(file, "", {}), problems: [] }
  try {
    // npm takes a byte order mark too.
    const data: unknown = JSON.parse(text.replace(/^\uFEFF/, ""))
    if (isRecord(data)) return { manifest: manifestOf(file, text, data), problems: [] }
    const got = Array.isArray(data) ? "a list" : data === null ? "null" : `a ${typeof data}`
    return { manifest: manifestOf(file, text, {}), problems: [{ file, line: 1, where: "", expected: "a JSON object", got, fix: "Write the package's manifest there; `npm init` makes one." }] }
  } catch (error) {
    return { manifest: manifestOf(file, text, {}), problems: [notJson(file, text, error instanceof Error ? error.message : "")] }
  }
}

/** The line of a top-level key of a package.json, for messages. */
export function lineOfKey(manifest: PackageManifest, key: string): number {
  const offset = manifest.text.indexOf(`"${key}"`)
  return offset < 0 ? 1 : lineAt(manifest.text, offset)
}

/** A piece of somebody's text, fit for one line of a terminal. */
export function printable(text: string): string {
  return text.replace(/[^\x20-\x7E]/g, "?").slice(0, 80)
}

function manifestOf(file: string, text: string, data: Readonly<Record<string, unknown>>): PackageManifest {
  const { workspaces } = data
  return {
    file,
    text,
    packageManager: asText(data["packageManager"]),
    nodeRange: asText(isRecord(data["engines"]) ? data["engines"]["node"] : null),
    workspaces: texts(isRecord(workspaces) ? workspaces["packages"] : workspaces),
    scripts: textMap(data["scripts"]),
    dependencies: new Map(DEPENDENCY_KINDS.flatMap((kind) => [...textMap(data[kind])])),
    files: texts(data["files"]),
    sections: new Map(Object.entries(data).map(([key, value]) => [key, JSON.stringify(value)])),
  }
}

function notJson(file: string, text: string, message: string): ConfigProblem {
  const offset = Math.min(Number(/position (\d+)/.exec(message)?.[1] ?? 0), text.length)
  return { file, line: lineAt(text, offset), where: "", expected: "JSON", got: describeText(text, offset), fix: "Correct the file, or restore it: it may have been damaged on its way." }
}

/** A few words on a text that may be anything, fit for a terminal. */
function describeText(text: string, offset: number): string {
  if (text.trim() === "") return "an empty file"
  // U+FFFD stands for what was no UTF-8.
  if (/[\u0000-\u0008\u000E-\u001F\u007F-\u009F\uFFFD]/.test(text)) return "binary data"
  const here = text.slice(offset).trimStart().split(/\s*\n/)[0]?.slice(0, 30) ?? ""
  return here === "" ? "its end too early" : `\`${printable(here)}\``
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** What is no text is kept as it was written: the check that reads it then says what it got. */
function asText(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return typeof value === "string" ? value : JSON.stringify(value)
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : []
}

function textMap(value: unknown): ReadonlyMap<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : []
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"))
}
