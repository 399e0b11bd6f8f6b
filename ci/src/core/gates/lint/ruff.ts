import { eachLine, foundAt, type FoundAt, type Linter } from "./linter.js"

const RUFF_HEAD = /^([A-Z]+\d+|[a-z]+(?:-[a-z]+)*)(?: \[\*\])?:? (\S.*)$/
const RUFF_PLACE = /^\s*--> (.+?):(\d+):\d+$/
const RUFF_CONCISE = /^(\S.*?\.(?:pyi?|ipynb)):(\d+):\d+: ([A-Z]+\d+|[a-z]+(?:-[a-z]+)*):? (?:\[\*\] )?(.*)$/
const RUFF_REFORMAT = /^Would reformat: (.+)$/

/** `ruff check` and `ruff format --check`, in the full and the concise format. */
export const RUFF: Linter = {
  name: "ruff",
  read: (lines) => [
    ...lines.flatMap((line, at): readonly FoundAt[] => {
      const [, rule = "", message = ""] = RUFF_HEAD.exec(line) ?? []
      const [, file, number] = RUFF_PLACE.exec(lines[at + 1] ?? "") ?? []
      return rule === "" || file === undefined ? [] : [foundAt(at, { severity: rule === "unformatted" ? "moderate" : "high", rule, message, file, line: number })]
    }),
    ...eachLine(lines, RUFF_CONCISE, ([file = "", line, rule = "", message = ""]) => ({ severity: "high", rule, message, file, line })),
    ...eachLine(lines, RUFF_REFORMAT, ([file = ""]) => ({ severity: "moderate", rule: "format", message: "would be reformatted", file })),
  ],
  broken: [/^ruff failed\n\s*(Cause: .*)$/m],
}
