import type { Finding, RunRecord, Severity, StageResult } from "../run.js"
import { withoutControls } from "./escape.js"
import { fingerprinter } from "./fingerprint.js"
import { stageFileName, stagesAboutFiles } from "./found.js"

/** A file of the reports. */
export interface ReportFile {
  readonly path: string
  readonly text: string
}

const LEVEL: Readonly<Record<Severity, string>> = { critical: "error", high: "error", moderate: "warning", low: "note", info: "note" }
// GitHub sorts vulnerabilities by these; the middles of CVSS's own bands.
const SECURITY_SEVERITY: Readonly<Record<Severity, string>> = { critical: "9.5", high: "8.0", moderate: "5.5", low: "2.0", info: "0.0" }

/** Stages whose findings code hosts show as security alerts. */
const ABOUT_SECURITY: readonly string[] = ["audit", "sast", "scan-files", "scan-images", "scan-chart-images"]

const SARIF_BASE = "SRCROOT"

// GitHub refuses a file of more than 10 MB packed or 25,000 results, and shows the first 5,000 by severity: beyond that a finding
// is in run.json alone, and the file says so. A message is cut so that as many of them stay below the 10 MB.
const MOST_RESULTS = 5000
const LONGEST_MESSAGE = 1000
const SEVERITY_ORDER = Object.keys(LEVEL)

/** sarif/lint-backend.sarif and so on: SARIF 2.1.0, one file for each row that looked at files, also when it found nothing. */
export function renderSarifFiles(run: RunRecord): readonly ReportFile[] {
  return stagesAboutFiles(run).map((stage) => ({ path: `sarif/${stageFileName(stage)}.sarif`, text: renderSarif(stage) }))
}

function renderSarif(whole: StageResult): string {
  const stage = { ...whole, findings: worstFindings(whole.findings) }
  const left = whole.findings.length - stage.findings.length
  const rules = [...new Set(stage.findings.map(({ rule }) => rule))]
  const fingerprint = fingerprinter()
  const log = {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: { driver: { name: `delivery ${stage.stage}`, rules: rules.map((rule) => ruleOf(rule, stage)) } },
        // Another category for each service, or one upload would replace the other.
        automationDetails: { id: `${stageFileName(stage)}/` },
        originalUriBaseIds: { [SARIF_BASE]: { description: { text: "The root of the repository." } } },
        invocations: [{
          executionSuccessful: stage.verdict !== "error",
          toolExecutionNotifications: [
            ...(stage.verdict === "error" ? [{ level: "error", message: textOfMessage(stage.reason) }] : []),
            ...(left === 0 ? [] : [{ level: "warning", message: textOfMessage(`${left} of ${whole.findings.length} findings, none worse than those here, are left out: code hosts take no more. All are in run.json.`) }]),
          ],
        }],
        results: stage.findings.map((finding) => resultOf(finding, rules.indexOf(finding.rule), fingerprint)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** As they came, where that is few enough. */
function worstFindings(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MOST_RESULTS) return findings
  return findings.toSorted((one, other) => SEVERITY_ORDER.indexOf(one.severity) - SEVERITY_ORDER.indexOf(other.severity)).slice(0, MOST_RESULTS)
}

function ruleOf(rule: string, { stage, findings }: StageResult) {
  const worst = Object.keys(LEVEL).find((severity) => findings.some((finding) => finding.rule === rule && finding.severity === severity)) as Severity
  return {
    id: rule,
    ...(/^https:\/\/\S+$/.test(rule) ? { helpUri: encodeURI(rule) } : {}),
    defaultConfiguration: { level: LEVEL[worst] },
    ...(ABOUT_SECURITY.includes(stage) ? { properties: { tags: ["security"], "security-severity": SECURITY_SEVERITY[worst] } } : {}),
  }
}

function resultOf(finding: Finding, ruleIndex: number, fingerprint: (parts: readonly string[]) => string) {
  const { rule, message, severity, file, line } = finding
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVEL[severity],
    message: textOfMessage(message === "" ? rule : message),
    ...(file === null ? {} : { locations: [{ physicalLocation: { artifactLocation: placeOf(file), ...(line === null ? {} : { region: { startLine: line } }) } }] }),
    partialFingerprints: { "delivery/v1": fingerprint([rule, file ?? "", message]) },
  }
}

function placeOf(file: string) {
  const uri = file.split("/").map((step) => encodeURIComponent(withWholeCharacters(step))).join("/")
  return file.startsWith("/") ? { uri: `file://${uri}` } : { uri, uriBaseId: SARIF_BASE }
}

// Half a surrogate pair has no UTF-8, and encodeURIComponent throws.
const withWholeCharacters = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text))

function textOfMessage(text: string) {
  const whole = withoutControls(text) || "no message"
  return { text: whole.length <= LONGEST_MESSAGE ? whole : `${withWholeCharacters(whole.slice(0, LONGEST_MESSAGE - 1))}…` }
}
