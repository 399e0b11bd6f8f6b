import { foundAt, severityOf, type FoundAt, type Linter } from "./linter.js"

const STYLISH_ENTRY = /^\s+(\d+):\d+\s+(error|warning)\s+(.*?)(?:\s{2,}(\S+)|\s\(([\w-]+)\))?$/

/** eslint's own format, and yamllint's standard one: the file on a line of its own, its findings indented below. */
export const STYLISH: Linter = {
  name: "eslint",
  read: (lines) => {
    let file: string | null = null
    return lines.flatMap((line, at): readonly FoundAt[] => {
      if (/^\S/.test(line)) file = line
      const match = STYLISH_ENTRY.exec(line)
      if (match === null || file === null) return []
      const [, number, level, message = "", rule, bracketed] = match
      return [foundAt(at, { severity: severityOf(level), rule: (rule ?? bracketed ?? "eslint").replace(/^\((.*)\)$/, "$1"), message, file, line: number })]
    })
  },
  broken: [/^Oops! Something went wrong! :\(\s+ESLint: \S+\s+(\S.*)$/m, /^Oops! Something went wrong! :\($/m],
}
