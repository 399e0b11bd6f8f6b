import { eachLine, type Linter } from "./linter.js"

/** `actionlint`, with or without `-oneline`. */
export const ACTIONLINT: Linter = {
  name: "actionlint",
  read: (lines) => eachLine(lines, /^(\S.*?\.ya?ml):(\d+):\d+: (.*) \[([\w-]+)\]$/, ([file = "", line, message = "", rule = ""]) => ({ severity: "high", rule, message, file, line })),
  broken: [/^(could not (?:parse config file|read) .*)$/m],
}
