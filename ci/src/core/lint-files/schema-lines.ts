import { lineOf, sourceLines } from "../config/source-lines.js"
import { SCHEMA_RULE } from "../gates/lint/check-jsonschema.js"
import { loadYaml } from "../lazy.js"
import type { Finding } from "../run.js"

const SCHEMA_PATH = /^\$((?:\.[^.[\]:]+|\[\d+\]|\['[^']*'\])*)/

/** check-jsonschema says which key is wrong, not where it stands: the file itself tells. */
export async function withSchemaLines(findings: readonly Finding[], texts: Readonly<Record<string, string>>): Promise<readonly Finding[]> {
  return Promise.all(findings.map(async (finding) => {
    const text = finding.file === null ? undefined : texts[finding.file]
    return finding.rule !== SCHEMA_RULE || finding.line !== null || text === undefined ? finding : { ...finding, line: await schemaLine(finding.message, text) }
  }))
}

/** The line of the key that a message such as `$.jobs.a.steps[0]: …` begins with; null when the file cannot be read. */
async function schemaLine(message: string, text: string): Promise<number | null> {
  const yaml = await loadYaml()
  const counter = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: counter, prettyErrors: false })
  if (document.errors.length > 0) return null
  const path = SCHEMA_PATH.exec(message)?.[1] ?? ""
  const steps = [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]/g)].map(([, key, index, quoted]) => (index === undefined ? (key ?? quoted ?? "") : Number(index)))
  return lineOf(sourceLines(yaml, document, (offset) => counter.linePos(offset).line), steps)
}
