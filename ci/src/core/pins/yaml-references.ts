import type { OutsideReference } from "./references.js"

interface YamlLine {
  readonly line: number
  readonly indent: number
  /** Without `- `. */
  readonly key: string | null
  readonly value: string
  readonly isItem: boolean
}

const YAML_LINE = /^(\s*)((?:-\s+)*)(?:(?:"([\w.-]+)"|'([\w.-]+)'|([\w.-]+)):(?:\s+|$))?(.*)$/

/**
 * What Kubernetes, Compose, Helm and the CI systems call an image, an action or a chart. Read line by line, for templates are
 * no YAML, and a file may hold several documents.
 */
export function yamlReferences(file: string, text: string): readonly OutsideReference[] {
  const lines = text.split("\n").flatMap((raw, index) => readLine(raw, index + 1))
  const isChart = /(?:^|\/)Chart\.yaml$/.test(file)
  const isWorkflow = /(?:^|\/)\.github\//.test(file)
  const isGitlab = /gitlab-ci\.ya?ml$/.test(file)
  return lines.flatMap((each, index): readonly OutsideReference[] => {
    const reference = (kind: OutsideReference["kind"], found: string): readonly OutsideReference[] =>
      found === "" || /[{}$<>\s]/.test(found) ? [] : [{ kind, text: found, file, line: each.line }]
    if (each.key === "image" || (isWorkflow && each.key === "container")) {
      if (isMachine(lines, index)) return []
      return each.value !== "" ? reference("image", each.value) : nested(lines, index).flatMap((parts) => reference("image", parts))
    }
    if (isGitlab && each.key === "services" && each.value === "") return itemsBelow(lines, index).flatMap(({ line, value }) => reference("image", value).map((found) => ({ ...found, line })))
    if (isWorkflow && each.key === "uses" && !each.value.startsWith("./")) return each.value.startsWith("docker://") ? reference("image", each.value.slice("docker://".length)) : reference("action", each.value)
    if (isChart && each.key === "repository" && each.value !== "" && !each.value.startsWith("file:")) {
      const block = blockAround(lines, index)
      return reference("chart", `${each.value.replace(/\/$/, "")}/${block["name"] ?? ""}:${block["version"] ?? ""}`)
    }
    return []
  })
}

function readLine(raw: string, line: number): readonly YamlLine[] {
  const [, spaces = "", dashes = "", double, single, bare, rest = ""] = YAML_LINE.exec(raw) ?? []
  const key = double ?? single ?? bare ?? null
  const value = rest.replace(/^(["'])(.*)\1\s*(?:#.*)?$/, "$2").replace(/\s+#.*$/, "").replace(/^#.*$/, "").trim()
  if (key === null && value === "") return []
  return [{ line, indent: spaces.length + dashes.length, key, value, isItem: dashes !== "" }]
}

/** The lines of the mapping below a key. */
function childrenOf(lines: readonly YamlLine[], index: number): readonly YamlLine[] {
  const parent = lines[index]
  if (parent === undefined) return []
  const below = lines.slice(index + 1)
  const end = below.findIndex(({ indent }) => indent <= parent.indent)
  return end < 0 ? below : below.slice(0, end)
}

/** `image:` with its parts below: a name, or registry, repository, tag and digest as charts have it. */
function nested(lines: readonly YamlLine[], index: number): readonly string[] {
  const children = childrenOf(lines, index)
  const own = children.filter(({ indent }) => indent === children[0]?.indent)
  const part = (key: string): string => own.find((each) => each.key === key)?.value ?? ""
  if (part("name") !== "" || part("image") !== "") return part("name") === "" ? [] : [part("name")]
  if (part("repository") === "") return []
  const prefix = part("registry") === "" ? "" : `${part("registry")}/`
  return [`${prefix}${part("repository")}${part("tag") === "" ? "" : `:${part("tag")}`}${part("digest") === "" ? "" : `@${part("digest")}`}`]
}

/** GitLab's `services`: names, or mappings with one. */
function itemsBelow(lines: readonly YamlLine[], index: number): readonly YamlLine[] {
  const parent = lines[index]
  if (parent === undefined) return []
  const below = lines.slice(index + 1)
  const end = below.findIndex(({ indent, isItem }) => indent < parent.indent || (indent === parent.indent && !isItem))
  return (end < 0 ? below : below.slice(0, end)).filter(({ isItem, key }) => isItem && (key === null || key === "name"))
}

/** CircleCI's machines are named as images are, and lie in no registry. */
function isMachine(lines: readonly YamlLine[], index: number): boolean {
  const own = lines[index]
  const parent = lines.slice(0, index).findLast(({ indent }) => indent < (own?.indent ?? 0))
  return parent?.key === "machine"
}

/** Keys and values of the list item around a line. */
function blockAround(lines: readonly YamlLine[], index: number): Readonly<Record<string, string>> {
  const { indent } = lines[index] ?? { indent: 0 }
  const start = lines.slice(0, index + 1).findLastIndex((each) => each.indent === indent && each.isItem)
  const rest = lines.slice(Math.max(0, start))
  const end = rest.findIndex((each, at) => at > 0 && (each.indent < indent || (each.indent === indent && each.isItem)))
  const block = (end < 0 ? rest : rest.slice(0, end)).filter((each) => each.indent === indent && each.key !== null)
  return Object.fromEntries(block.map(({ key, value }) => [key ?? "", value]))
}
