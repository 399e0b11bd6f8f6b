import type { SchemaNode } from "../src/core/config/schema-node.js"
import { SECTIONS } from "../src/core/config/sections.js"

/** docs/delivery-yaml.md: every key with its kind, default and meaning. */
export function renderConfigPage(): string {
  const parts = [
    "# delivery.yaml",
    "Generated from `ci/src/core/config`: run `npm run generate`. Editors read `docs/delivery.schema.json`.\n" +
      "Credentials are named here and never held. Commands are programs with arguments, never shell lines.",
    ...SECTIONS.map((section) => sectionPart(section.key, section.schema, section.required)),
  ]
  return `${parts.join("\n\n")}\n`
}

function sectionPart(key: string, schema: SchemaNode, required: boolean): string {
  const rows = keyRows("", schema)
  const head = `## ${key}\n\n${schema.description ?? ""} ${required ? "Required." : "Optional."}`
  if (rows.length === 0) return `${head} Expected: ${schema.title}.`
  return [head, "", "| key | required | expected | default | meaning |", "| --- | --- | --- | --- | --- |", ...rows].join("\n")
}

/** The keys below a node, each as a table row; `<name>` stands for a free name, `[]` for a list item. */
function keyRows(prefix: string, node: SchemaNode): string[] {
  const entry = node.additionalProperties
  const free = typeof entry === "object" && entry.properties !== undefined ? keyRows(`${prefix}<name>.`, entry) : []
  const keys = { ...node.properties, ...node.else?.properties }
  return [
    ...free,
    ...Object.entries(keys).flatMap(([key, child]) => {
      const path = `${prefix}${key}`
      const required = (node.required ?? []).includes(key) ? "yes" : ""
      const row = `| \`${path}\` | ${required} | ${cell(child.title ?? "")} | ${defaultCell(child)} | ${cell(child.description ?? "")} |`
      const items = child.items?.properties === undefined ? [] : keyRows(`${path}[].`, child.items)
      return [row, ...keyRows(`${path}.`, child), ...items]
    }),
  ]
}

function defaultCell(node: SchemaNode): string {
  const plain = node.default === undefined || (typeof node.default === "object" && Object.keys(node.default ?? {}).length === 0)
  return plain ? "" : `\`${cell(JSON.stringify(node.default))}\``
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;")
}
