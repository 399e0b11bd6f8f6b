import { eachLine, foundAt, severityOf, type Linter } from "./linter.js"

// A file has a dot or a slash and a letter in its name, which a time of day has not.
const PLAIN_PLACED = /^(?=[^:]*[A-Za-z])(?=[^:]*[./])([^\s:][^:]*):(\d+):(?:(\d+):)? ?(?:(error|warning|note|info): )?(\S.*)$/i
const LEADING_CODE = /^([A-Z]+\d+):? (.*)$/
const TRAILING_CODE = /^(.*?) +\[([\w-]+)\]$/

/** `file:line:column: message`, as flake8, mypy and compilers write; without a column a level has to be there. */
export const PLAIN: Linter = {
  name: "flake8",
  read: (lines) =>
    eachLine(lines, PLAIN_PLACED, ([file = "", line, column, level, text = ""]) => {
      const [, leading, rest] = LEADING_CODE.exec(text) ?? []
      const [, before, trailing] = TRAILING_CODE.exec(text) ?? []
      const isPlaced = column !== undefined || level !== undefined
      const rule = leading ?? trailing ?? "lint"
      return { severity: severityOf(level), rule, message: rest ?? before ?? text, file: isPlaced ? file : null, line }
    }).flatMap(({ at, finding }) => (finding.file === null ? [] : [foundAt(at, { ...finding, line: String(finding.line) })])),
  // Python's linters break down with a traceback; mypy goes on without the configuration that it could not read.
  broken: [/^Traceback \(most recent call last\):[\s\S]*?\n((?:\w+\.)*\w*(?:Error|Exception|Exit)\b.*)$/m, /^(\S+: File contains no section headers\.)$/m],
}
