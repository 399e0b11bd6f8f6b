import { eachLine, type Linter } from "./linter.js"

const TSC_CONFIGURATION = /(?:^|\/)[tj]sconfig[^/]*\.json$/
const TSC_PLACED = /^(.+?)[(:](\d+)[,:]\d+\)?(?:: | - )error (TS\d+): (.*)$/

export const TSC: Linter = {
  name: "tsc",
  read: (lines) =>
    eachLine(lines, TSC_PLACED, ([file = "", line, rule = "", message = ""]) => ({ severity: "high", rule, message, file, line })).filter(
      ({ finding }) => !TSC_CONFIGURATION.test(finding.file ?? "") && !/^TS5\d{3}$/.test(finding.rule),
    ),
  broken: [
    // What stands at no place in the sources is about options, files and packages; so is TS5xxx, wherever it stands.
    /^(error TS\d+: .*)$/m,
    /^(.*error TS5\d{3}: .*)$/m,
    /^((?:\S*\/)?[tj]sconfig[^/\s(:]*\.json[(:].*error TS\d+: .*)$/m,
  ],
}
