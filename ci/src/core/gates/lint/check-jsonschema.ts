import { foundAt, type FoundAt, type Linter } from "./linter.js"

/** The rule of its findings: their messages begin with the path inside the file, as in `$.test.script: …`. */
export const SCHEMA_RULE = "schema"

const SCHEMA_VIOLATION_LINE = /^ {2}(\S.*?)::(\$.*?): (.*)$/
const SCHEMA_UNPARSED = /^ {2}Failed to parse (.+)$/
const SCHEMA_BEST_MATCH = /^ {2}Best (?:Deep )?Match:$/

export const CHECK_JSONSCHEMA: Linter = {
  name: "check-jsonschema",
  read: (lines) =>
    lines.flatMap((line, at): readonly FoundAt[] => {
      const [, file, path = "", message = ""] = SCHEMA_VIOLATION_LINE.exec(line) ?? []
      if (file !== undefined) {
        const text = bestMatch(lines, at) ?? `${path}: ${message}`
        return [foundAt(at, { severity: "high", rule: SCHEMA_RULE, message: text, file })]
      }
      const [, unparsed] = SCHEMA_UNPARSED.exec(line) ?? []
      if (unparsed === undefined) return []
      return [foundAt(at, { severity: "high", rule: "syntax", message: `${lines[at + 1] ?? ""} ${lines[at + 2] ?? ""}`.replace(/\s+/g, " "), file: unparsed, line: parserLine(lines, at) })]
    }),
  broken: [],
  brokenAlone: [/^(Error: .*)$/m],
}

/** Of alternatives, the one that was meant says more than that none fits; the deepest stands last. */
function bestMatch(lines: readonly string[], at: number): string | null {
  const next = lines.findIndex((line, index) => index > at && SCHEMA_VIOLATION_LINE.test(line))
  const own = lines.slice(at + 1, next === -1 ? lines.length : next)
  const best = own.findLastIndex((line) => SCHEMA_BEST_MATCH.test(line))
  return best === -1 ? null : (own[best + 1] ?? "").trim()
}

function parserLine(lines: readonly string[], at: number): string | undefined {
  const next = lines.findIndex((line, index) => index > at && /^ {0,2}\S/.test(line))
  return /\(line: (\d+)\)/.exec(lines.slice(at, next === -1 ? lines.length : next).join("\n"))?.[1]
}
