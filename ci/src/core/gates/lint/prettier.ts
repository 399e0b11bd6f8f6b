import { eachLine, type Linter } from "./linter.js"

const PRETTIER_UNFORMATTED = /^\[warn\] (?!Ignored unknown |Code style issues |Error occurred )(\S*[^\s.!?]|\S.*\.\w+)$/
const PRETTIER_SYNTAX = /^\[error\] (.+?): \w*SyntaxError: (.*?)(?: \((\d+):\d+\))?$/

/** `prettier --check`. */
export const PRETTIER: Linter = {
  name: "prettier",
  read: (lines) => [
    ...eachLine(lines, PRETTIER_UNFORMATTED, ([file = ""]) => ({ severity: "moderate", rule: "prettier", message: "is not formatted", file })),
    ...eachLine(lines, PRETTIER_SYNTAX, ([file = "", message = "", line]) => ({ severity: "high", rule: "prettier", message, file, line })),
  ],
  // Whatever else it calls an error is about itself: its options, its plugins, its arguments. Code frames are indented or begin with `>`.
  broken: [/^\[error\] Invalid configuration .*\n\[error\] (.*?):?$/m, /^\[error\] (?!.+?: \w*SyntaxError: )([A-Za-z].*)$/m],
}
