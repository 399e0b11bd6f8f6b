import { eachLine, type Linter } from "./linter.js"

/** `black --check`; both signs end with the file, or with the place of a syntax error. */
export const BLACK: Linter = {
  name: "black",
  read: (lines) => [
    ...eachLine(lines, /^would reformat (.+)$/, ([file = ""]) => ({ severity: "moderate", rule: "black", message: "would be reformatted", file })),
    ...eachLine(lines, /^error: cannot parse: (.+?):(\d+):\d+$/, ([file = "", line]) => ({ severity: "high", rule: "black", message: "cannot be parsed", file, line })),
    ...eachLine(lines, /^error: cannot format (.+?): (.*)$/, ([file = "", message = ""]) => ({ severity: "high", rule: "black", message, file })),
  ],
  broken: [],
}
