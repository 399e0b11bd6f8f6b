import { lastLine, type ExecOutcome } from "../exec.js"
import { advisoriesReport } from "./advisories.js"
import { asText, distinct, isObject, jsonLines, jsonObject, npmVulnerability, readReport, unavailableReport, unreadableReport, type AuditReport, type AuditTool, type JsonObject } from "./report.js"

/**
 * `yarn npm audit --json` of yarn 2 and later: a line for each advisory.
 * Of yarn 4 a clean report is no output at all and exit code 0; nothing else that holds no line is a report.
 */
export const YARN_BERRY_AUDIT: AuditTool = { command: /(^|[/ ])yarn(@\S+|\S*\.c?js)? npm audit\b/, read: readYarnBerryAudit }

function readYarnBerryAudit(exec: ExecOutcome): AuditReport {
  // Yarn 2 and 3 pass on what the older endpoint said.
  const whole = jsonObject(exec.stdout)
  if (isObject(whole?.["advisories"])) return advisoriesReport(whole["advisories"])
  const lines = jsonLines(exec.stdout)
  const isWhole = lines.length === exec.stdout.split("\n").filter((line) => line.trim() !== "").length
  if (lines.length > 0 && isWhole) return linesReport(lines)
  if (isSilent(exec) && exec.exitCode === 0 && ASKS_FOR_JSON.every((word) => exec.argv.includes(word))) return readReport([])
  return failure(exec)
}

const ASKS_FOR_JSON = ["npm", "audit", "--json"]

const isSilent = ({ stdout, stderr }: ExecOutcome): boolean => stdout.trim() === "" && stderr.trim() === ""

function linesReport(lines: readonly JsonObject[]): AuditReport {
  const odd = lines.find(({ value, children }) => typeof value !== "string" || !isObject(children))
  if (odd !== undefined) return unreadableReport("a line of the report is not understood")
  return readReport(distinct(lines.map(({ value, children }) => lineVulnerability(asText(value), children as JsonObject))))
}

function lineVulnerability(name: string, children: JsonObject) {
  const { ID: id, Issue: title, URL: url, Severity: severity } = children
  const found = npmVulnerability({ name, range: asText(children["Vulnerable Versions"]), title: asText(title), severity, url })
  // Yarn alone tells these, as moderate: nobody maintains the package any more, but no advisory says that it is vulnerable.
  return /\(deprecation\)$/.test(asText(id)) ? { ...found, severity: "info" as const, rule: "deprecated" } : found
}

function failure(exec: ExecOutcome): AuditReport {
  const said = `${exec.stdout}\n${exec.stderr}`
  const detail = YARN_BERRY_UNANSWERED.exec(said)?.[1]
  if (detail === undefined) return unreadableReport(lastLine(exec))
  const status = /Response Code: (.+)/.exec(said)?.[1]
  return unavailableReport(status === undefined ? detail : `${detail}: ${status}`)
}

/** In yarn's own words, or in the stack trace that it ends with when two requests fail at once. */
const YARN_BERRY_UNANSWERED = /(?:YN0035: |YN0041: |(?:RequestError|HTTPError|TimeoutError|ParseError)\]?: )(.+)/
