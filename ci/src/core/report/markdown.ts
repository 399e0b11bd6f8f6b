import { stageLabel } from "../schedule.js"
import type { Finding, RunRecord, StageResult } from "../run.js"
import { clip, fitLines } from "./fit.js"
import { oneLine } from "./table.js"

const FINDINGS_IN_SIGHT = 5
// GitHub refuses comments of more than 65,536 characters. The parts together stay below 60 kB, however much there is to tell.
const BYTES = { problem: 6000, problems: 24_000, table: 16_000, skipped: 8000 }
const TABLE_HEAD = ["| stage | service | verdict | seconds | reason |", "| --- | --- | --- | ---: | --- |"]

/** summary.md: the verdict, what is wrong, and the table, short enough to be a comment on a merge request. */
export function renderMarkdown(run: RunRecord): string {
  const wrong = run.stages.filter(({ verdict }) => verdict !== "passed" && verdict !== "skipped")
  const parts = [
    `## Pipeline: ${run.verdict}`,
    markdownText(run.reason, 600),
    facts(run),
    fitLines(wrong.map(problem), BYTES.problems, (left) => `${left} more ${left === 1 ? "stage is" : "stages are"} in report.html.`).join("\n\n"),
    [...TABLE_HEAD, ...rows(run.stages.filter(({ verdict }) => verdict !== "skipped"), BYTES.table)].join("\n"),
    skippedStages(run.stages.filter(({ verdict }) => verdict === "skipped")),
  ]
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`
}

function facts(run: RunRecord): string {
  const dirty = run.dirty ? " with local changes" : ""
  const target = run.environment === null ? "" : `, environment ${code(run.environment)}`
  return `Run ${code(run.runId)}, attempt ${run.attempt}, commit ${code(run.commit)}${dirty}${target}, ${run.durationSeconds.toFixed(1)} s.`
}

/** One stage that did not pass: its reason, the worst of its findings, and the others folded. */
function problem(stage: StageResult): string {
  const findings = stage.findings.map((finding) => `- ${describeProblem(finding)}`)
  const inSight = fitLines(findings.slice(0, FINDINGS_IN_SIGHT), BYTES.problem / 2, moreFindings)
  const others = findings.slice(FINDINGS_IN_SIGHT)
  const folded = others.length === 0 ? [] : ["", ...details(`${others.length} more`, fitLines(others, BYTES.problem / 2, moreFindings))]
  return [`### ${markdownText(stageLabel(stage))}: ${stage.verdict}`, "", markdownText(stage.reason, 400), "", ...inSight, ...folded].join("\n").trimEnd()
}

const moreFindings = (left: number): string => `- and ${left} more in report.html`

function details(summary: string, lines: readonly string[]): readonly string[] {
  return ["<details>", `<summary>${summary}</summary>`, "", ...lines, "", "</details>"]
}

function describeProblem(finding: Finding): string {
  const place = finding.file === null ? "" : ` at ${code(finding.line === null ? finding.file : `${finding.file}:${finding.line}`)}`
  return `**${markdownText(finding.rule, 100)}**${place}: ${markdownText(finding.message, 300)}`
}

function skippedStages(stages: readonly StageResult[]): string {
  if (stages.length === 0) return ""
  return details(`${stages.length} skipped`, [...TABLE_HEAD, ...rows(stages, BYTES.skipped)]).join("\n")
}

const rows = (stages: readonly StageResult[], bytes: number): readonly string[] => fitLines(stages.map(tableRow), bytes, (left) => `| and ${left} more in report.html | | | | |`)

function tableRow(stage: StageResult): string {
  const reason = stage.skipKind === null ? stage.reason : `${stage.skipKind}: ${stage.reason}`
  const seconds = stage.verdict === "skipped" ? "-" : stage.durationSeconds.toFixed(1)
  const about = stage.service ?? stage.environment ?? "-"
  return `| ${stage.stage} | ${markdownText(about)} | ${stage.verdict} | ${seconds} | ${markdownText(reason, 200)} |`
}

/** Text from tools must not become markup, a link or a mention. */
export function markdownText(raw: string, limit = 200): string {
  return clip(oneLine(raw), limit)
    .replace(/[\\`*_{}[\]<>|~#]/g, (character) => `\\${character}`)
    .replaceAll("@", "&#64;")
}

function code(raw: string): string {
  return `\`${clip(oneLine(raw), 200).replaceAll("`", "'").replaceAll("|", "¦")}\``
}
