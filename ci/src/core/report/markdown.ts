import { stageLabel } from "../schedule.js"
import type { Finding, RunRecord, StageResult } from "../run.js"
import { oneLine } from "./table.js"

const SHOWN_FINDINGS = 10

/** summary.md: the verdict, what is wrong, and the table; for job pages and merge requests. */
export function renderMarkdown(run: RunRecord): string {
  const wrong = run.stages.filter((stage) => stage.verdict !== "passed" && stage.verdict !== "skipped")
  const parts = [
    `# Pipeline: ${run.verdict}`,
    text(run.reason),
    facts(run),
    ...wrong.map(problem),
    ["| stage | service | verdict | seconds | reason |", "| --- | --- | --- | ---: | --- |", ...run.stages.map(tableRow)].join("\n"),
  ]
  return `${parts.join("\n\n")}\n`
}

function facts(run: RunRecord): string {
  const dirty = run.dirty ? " with local changes" : ""
  const target = run.environment === null ? "" : `, environment ${code(run.environment)}`
  return `Run ${code(run.runId)}, attempt ${run.attempt}, commit ${code(run.commit)}${dirty}${target}, ${run.durationSeconds.toFixed(1)} s.`
}

function problem(stage: StageResult): string {
  const findings = stage.findings.slice(0, SHOWN_FINDINGS).map((finding) => `- ${describeProblem(finding)}`)
  const more = stage.findings.length - findings.length
  const lines = [`## ${stageLabel(stage)}: ${stage.verdict}`, "", text(stage.reason), "", ...findings]
  return [...lines, ...(more > 0 ? [`- and ${more} more in report.html`] : [])].join("\n").trimEnd()
}

function describeProblem(finding: Finding): string {
  const place = finding.file === null ? "" : ` at ${code(finding.line === null ? finding.file : `${finding.file}:${finding.line}`)}`
  return `**${text(finding.rule)}**${place}: ${text(finding.message)}`
}

function tableRow(stage: StageResult): string {
  const reason = stage.skipKind === null ? stage.reason : `${stage.skipKind}: ${stage.reason}`
  const seconds = stage.verdict === "skipped" ? "-" : stage.durationSeconds.toFixed(1)
  const about = stage.service ?? stage.environment ?? "-"
  return `| ${stage.stage} | ${text(about)} | ${stage.verdict} | ${seconds} | ${text(reason)} |`
}

/** Text from tools must not become markup, a link or a mention. */
function text(raw: string): string {
  return oneLine(raw)
    .replace(/[\\`*_{}[\]<>|~#]/g, (character) => `\\${character}`)
    .replaceAll("@", "&#64;")
}

function code(raw: string): string {
  return `\`${oneLine(raw).replaceAll("`", "'").replaceAll("|", "¦")}\``
}
