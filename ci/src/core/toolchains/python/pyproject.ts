import { joinPath, textOf, type TreeFacts } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import { loadToml } from "../../lazy.js"

/** A TOML file as data; nothing in it has the shape that one expects until it has been looked at. */
export interface TomlFile {
  readonly file: string
  readonly text: string
  readonly data: unknown
}

export interface TomlAnswer {
  /** Null when there is no such file, or when it is no TOML. */
  readonly toml: TomlFile | null
  readonly problems: readonly ConfigProblem[]
}

export async function readToml(tree: TreeFacts, folder: string, name: string): Promise<TomlAnswer> {
  const text = textOf(tree, folder, name)
  if (text === null) return { toml: null, problems: [] }
  const file = joinPath(folder, name)
  const { parse, TomlError } = await loadToml()
  try {
    return { toml: { file, text, data: parse(text) }, problems: [] }
  } catch (error) {
    const line = error instanceof TomlError ? error.line : 1
    const got = `\`${(text.split("\n")[line - 1] ?? "").trim().slice(0, 60)}\` (${tomlMessage(error)})`
    return { toml: null, problems: [{ file, line, where: "", expected: "valid TOML", got, fix: "Correct the syntax." }] }
  }
}

/** The value at a path of keys; undefined where a key is missing or something else than a table is in the way. */
export function valueAt(toml: TomlFile | null, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>((value, key) => (isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined), toml?.data)
}

export function tableAt(toml: TomlFile | null, ...keys: readonly string[]): Readonly<Record<string, unknown>> {
  const value = valueAt(toml, ...keys)
  return isTable(value) ? value : {}
}

export function textAt(toml: TomlFile | null, ...keys: readonly string[]): string | null {
  const value = valueAt(toml, ...keys)
  return typeof value === "string" ? value : null
}

/** The texts of a list; what else stands in it is left out. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === "string") : []
}

/** The line that a key is written in, as far as a look at the text tells; 1 when it does not. */
export function lineOfKey(text: string, key: string): number {
  const index = text.split("\n").findIndex((line) => line.trimStart().startsWith(key) && /^\s*=/.test(line.trimStart().slice(key.length)))
  return index + 1 || 1
}

export function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function tomlMessage(error: unknown): string {
  const first = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)
  return first.replace(/^Invalid TOML document: /, "").replace(/[.:]$/, "")
}
