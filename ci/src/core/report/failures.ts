import type { Finding, RunRecord } from "../run.js"
import { stageLabel } from "../schedule.js"
import { withoutControls } from "./escape.js"

const FINDINGS_AT_THE_END = 10

/** What did not pass, in full, for the end of a log: reasons, findings and the log lines that came with them. Empty when all is well. */
export function renderFailures(run: RunRecord): string {
  const wrong = run.stages.filter(({ verdict }) => verdict !== "passed" && verdict !== "skipped")
  return wrong.map((stage) => [`${stageLabel(stage)}: ${stage.verdict}`, indent(stage.reason), ...findingLines(stage.findings)].join("\n")).join("\n\n")
}

function findingLines(findings: readonly Finding[]): readonly string[] {
  const lines = findings.slice(0, FINDINGS_AT_THE_END).map(({ file, line, rule, message }) => {
    const place = file === null ? "" : `${file}${line === null ? "" : `:${line}`} `
    return indent(`- ${place}${rule}: ${message}`)
  })
  const more = findings.length - FINDINGS_AT_THE_END
  return more > 0 ? [...lines, indent(`- and ${more} more in the report`)] : lines
}

const indent = (text: string): string => withoutControls(text).trimEnd().replace(/^/gm, "  ")
