import { eachLine, severityOf, type Linter } from "./linter.js"

const HADOLINT_RULE = /^(\S.*?):(\d+) ((?:DL|SC)\d+) (error|warning|info|style): (.*)$/
const HADOLINT_SYNTAX = /^(\S.*?):(\d+):\d+ ((?:unexpected|expecting|[Ii]nvalid)\b.*)$/

export const HADOLINT: Linter = {
  name: "hadolint",
  read: (lines) => [
    ...eachLine(lines, HADOLINT_RULE, ([file = "", line, rule = "", level, message = ""]) => ({ severity: severityOf(level), rule, message, file, line })),
    ...eachLine(lines, HADOLINT_SYNTAX, ([file = "", line, message = ""]) => ({ severity: "high", rule: "syntax", message, file, line })),
  ],
  // It goes on without the configuration that it could not read, and may end with 0.
  broken: [/^"?(Error parsing your config file in +'[^']+')/m, /^(hadolint: .*)$/m],
}
