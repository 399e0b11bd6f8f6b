import { stageLabel } from "../schedule.js"
import type { Finding, RunRecord, StageResult } from "../run.js"
import { html, type SafeHtml } from "./escape.js"
import { REPORT_STYLE } from "./html-style.js"

/** The last lines of logs by stage id, such as `test:backend`. */
export interface HtmlOptions {
  readonly logTails?: Readonly<Record<string, string>>
  /** SVG files among the evidence, by their path. */
  readonly pictures?: Readonly<Record<string, string>>
}

/** report.html: one file that needs nothing else; what is wrong stands first. */
export function renderHtml(run: RunRecord, options: HtmlOptions = {}): string {
  const wrong = run.stages.filter((stage) => stage.verdict !== "passed" && stage.verdict !== "skipped")
  const picturesOf = (stage: StageResult): SafeHtml[] => stage.evidence.flatMap((path) => pictureFigure(path, options.pictures?.[path]))
  const logOf = (stage: StageResult): string | null => options.logTails?.[resultId(stage)] ?? null
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${run.verdict}: ${run.runId}</title>
<style>${{ html: REPORT_STYLE }}</style>
</head>
<body>
<h1>Pipeline: <b class="${run.verdict}">${run.verdict}</b></h1>
<p class="reason">${run.reason}</p>
${runFacts(run)}
${wrong.map((stage) => problemCard(stage, logOf(stage), picturesOf(stage)))}
<h2>Stages</h2>
${stageTable(run.stages)}
<h2>Details</h2>
${run.stages.filter((stage) => stage.verdict !== "skipped").map((stage) => stageDetails(stage, logOf(stage), picturesOf(stage)))}
</body>
</html>
`
  return page.html
}

/** The id that the plan gives to the stage of a result. */
export function resultId(stage: StageResult): string {
  const about = stage.service ?? stage.environment
  return about === null ? stage.stage : `${stage.stage}:${about}`
}

function runFacts(run: RunRecord): SafeHtml {
  const facts: readonly (readonly [string, string])[] = [
    ["run", `${run.runId}, attempt ${run.attempt}`],
    ["commit", `${run.commit}${run.dirty ? " with local changes" : ""}`],
    ["release", run.release ?? "none"],
    ["environment", run.environment ?? "none"],
    ["started", run.startedAt],
    ["took", `${run.durationSeconds.toFixed(1)} s`],
  ]
  return html`<p class="facts">${facts.map(([name, value]) => html`${name} <code>${value}</code> &nbsp; `)}</p>`
}

function problemCard(stage: StageResult, log: string | null, pictures: readonly SafeHtml[]): SafeHtml {
  return html`<section class="card ${stage.verdict}">
<h3>${stageLabel(stage)}: <span class="verdict">${stage.verdict}</span></h3>
<p>${stage.reason}</p>${pictures}
${findingList(stage.findings)}
${logBlock(log)}
</section>
`
}

function stageTable(stages: readonly StageResult[]): SafeHtml {
  return html`<div class="scroll"><table>
<thead><tr><th>stage</th><th>service</th><th>verdict</th><th class="number">seconds</th><th>cached</th><th>reason</th></tr></thead>
<tbody>
${stages.map(
  (stage) => html`<tr><td>${stage.stage}</td><td>${stage.service ?? stage.environment ?? "–"}</td><td class="${stage.verdict}">${stage.verdict}</td><td class="number">${stage.verdict === "skipped" ? "–" : stage.durationSeconds.toFixed(1)}</td><td>${stage.cached ? "yes" : "–"}</td><td class="wide">${stage.skipKind === null ? "" : `${stage.skipKind}: `}${stage.reason}</td></tr>
`,
)}</tbody>
</table></div>`
}

/** As an image of its own: the styles of an SVG in the page would be the page's. */
function pictureFigure(path: string, svg: string | undefined): SafeHtml[] {
  return svg === undefined ? [] : [html`<figure><img alt="${path}" src="data:image/svg+xml,${encodeURIComponent(svg)}"></figure>`]
}

function stageDetails(stage: StageResult, log: string | null, pictures: readonly SafeHtml[]): SafeHtml {
  return html`<details${pictures.length > 0 ? { html: " open" } : null}><summary>${stageLabel(stage)}: <span class="${stage.verdict}">${stage.verdict}</span></summary>
<p>${stage.reason}</p>${pictures}
${findingList(stage.findings)}
${stage.evidence.length === 0 ? null : html`<p>Evidence: ${stage.evidence.map((path) => html`<a href="./${encodeURI(path)}"><code>${path}</code></a> `)}</p>`}
${logBlock(log)}
</details>
`
}

function findingList(findings: readonly Finding[]): SafeHtml | null {
  if (findings.length === 0) return null
  return html`<ul>${findings.map((finding) => {
    const place = finding.file === null ? "" : finding.line === null ? finding.file : `${finding.file}:${finding.line}`
    return html`<li><b>${finding.rule}</b> <span class="facts">${finding.severity}${place === "" ? "" : `, ${place}`}</span><br>${finding.message}</li>`
  })}</ul>`
}

function logBlock(log: string | null): SafeHtml | null {
  return log === null || log.trim() === "" ? null : html`<p>Last lines of the log:</p><pre>${log.trimEnd()}</pre>`
}
