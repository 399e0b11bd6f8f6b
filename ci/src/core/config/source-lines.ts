import type { YamlDocument, YamlLibrary, YamlNode } from "../lazy.js"

/** Line of each key and list item, by its path joined with `PATH_SEPARATOR`. */
export type SourceLines = Readonly<Record<string, number>>

// Names may hold dots (`stages.x` is fine, but so is an environment variable named `a.b`), so paths join with a
// character that no key holds.
const PATH_SEPARATOR = "\u0000"

export function pathKey(path: readonly (string | number)[]): string {
  return path.join(PATH_SEPARATOR)
}

/** Where every key of a YAML document stands. */
export function sourceLines(yaml: YamlLibrary, document: YamlDocument, lineAt: (offset: number) => number): SourceLines {
  const lines: Record<string, number> = {}
  const visit = (node: YamlNode | null, path: readonly (string | number)[]): void => {
    if (yaml.isMap(node)) {
      for (const pair of node.items) {
        const here = [...path, String(pair.key.value)]
        lines[pathKey(here)] = lineAt(pair.key.range?.[0] ?? 0)
        visit(pair.value, here)
      }
    }
    if (yaml.isSeq(node)) {
      node.items.forEach((item, index) => {
        lines[pathKey([...path, index])] = lineAt(item?.range?.[0] ?? 0)
        visit(item, [...path, index])
      })
    }
  }
  visit(document.contents, [])
  return lines
}

/** The line of a path, or of the nearest thing around it that is written. */
export function lineOf(lines: SourceLines, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const line = lines[pathKey(path.slice(0, length))]
    if (line !== undefined) return line
  }
  return 1
}
