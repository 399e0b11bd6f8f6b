import { foundAt, severityOf, type FoundAt, type Linter } from "./linter.js"

const CHART_FILE = "Chart.yaml"
const HELM_MESSAGE = /^\[(WARNING|ERROR)\] (.*?): (.*)$/
const HELM_MESSAGE_END = /^(?:$|\[|Error: )/
// Templates go by the chart's name, `shop/templates/a.yaml:3:18`, and by the names of the charts inside it.
const HELM_TEMPLATE = /[\w.-]+\/((?:charts\/[\w.-]+\/)*templates\/[^\s:)"]+):(\d+)/
const HELM_BAD_VALUES = /^Error: failed to parse (\S+): (.*)$/

/** `helm lint`; files are relative to the chart. Its INFO is left out: it is advice for publishers, such as to have an icon. */
export const HELM: Linter = {
  name: "helm",
  read: (lines) =>
    lines.flatMap((line, at): readonly FoundAt[] => {
      const [, values, problem = ""] = HELM_BAD_VALUES.exec(line) ?? []
      if (values !== undefined) return [foundAt(at, { severity: "high", rule: "values", message: problem, file: values })]
      const [, level, object = "", first = ""] = HELM_MESSAGE.exec(line) ?? []
      if (level === undefined) return []
      const message = [first, ...continuation(lines, at)].join(" ").replace(/\s+/g, " ")
      const [, template, number] = HELM_TEMPLATE.exec(message) ?? []
      const isFile = /\.\w+$/.test(object) && !object.startsWith("/")
      return [foundAt(at, { severity: severityOf(level), rule: "helm", message, file: template ?? (isFile ? object : CHART_FILE), line: number })]
    }),
  broken: [/^(Error unable to check Chart\.yaml file in chart: .*)$/m],
  brokenAlone: [/^(Error: (?!\d+ chart\(s\) linted|failed to parse ).*)$/m],
}

function continuation(lines: readonly string[], at: number): readonly string[] {
  const end = lines.findIndex((line, index) => index > at && HELM_MESSAGE_END.test(line))
  return lines.slice(at + 1, end === -1 ? lines.length : end)
}
