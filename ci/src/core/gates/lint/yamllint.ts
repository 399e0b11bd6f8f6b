import { eachLine, severityOf, type Linter } from "./linter.js"

const YAMLLINT_PARSABLE = /^(.+?):(\d+):\d+: \[(error|warning)\] (.*?)(?: \(([\w-]+)\))?$/

/** `yamllint -f parsable`; its standard format is like eslint's. */
export const YAMLLINT: Linter = {
  name: "yamllint",
  read: (lines) => eachLine(lines, YAMLLINT_PARSABLE, ([file = "", line, level, message = "", rule = "yamllint"]) => ({ severity: severityOf(level), rule, message, file, line })),
  broken: [/^(invalid config: .*)$/m],
}
