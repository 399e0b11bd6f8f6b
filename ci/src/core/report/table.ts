import type { RunRecord, StageResult } from "../run.js"
import { withoutControls } from "./escape.js"

const WIDTH = 110
const HEADER = ["stage", "service", "verdict", "seconds", "cached", "reason"] as const
const REASON_COLUMN = HEADER.length - 1

/** The closing table and, as its very last line, `<call>: <verdict> — <reason>`. */
export function renderTable(run: RunRecord, call = "pipeline"): string {
  const rows = [[...HEADER], ...run.stages.filter((stage) => stage.skipKind !== "requested").map(cells)]
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)))
  const taken = widths.slice(0, REASON_COLUMN).reduce((sum, width) => sum + width + 2, 0)
  const room = Math.max(20, WIDTH - taken)
  const lines = rows.map((row) => row.map((cell, column) => fit(cell, column, widths[column] ?? 0, room)).join("  ").trimEnd())
  const rule = "-".repeat(Math.max(...lines.map((line) => line.length)))
  return [lines[0], rule, ...lines.slice(1), ...requestedSkips(run.stages), "", closingLine(run, call)].join("\n")
}

/** What the caller left out needs no row of its own: one line for each reason. */
function requestedSkips(stages: readonly StageResult[]): readonly string[] {
  const skipped = stages.filter((stage) => stage.skipKind === "requested")
  return [...new Set(skipped.map(({ reason }) => reason))].map((reason) => {
    const names = [...new Set(skipped.filter((stage) => stage.reason === reason).map(({ stage }) => stage))]
    return clip(`skipped, requested: ${oneLine(reason)}: ${names.join(", ")}`, WIDTH)
  })
}

const clip = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text)

/** `pipeline: failed — test (ai-ml): 1 of 12 tests failed: …`; scripts read the word after the colon. */
export function closingLine(run: RunRecord, call = "pipeline"): string {
  return `${call}: ${run.verdict} — ${oneLine(run.reason)}`
}

function cells(stage: StageResult): string[] {
  return [
    stage.stage,
    stage.service ?? stage.environment ?? "-",
    stage.verdict,
    stage.verdict === "skipped" ? "-" : stage.durationSeconds.toFixed(1),
    stage.cached ? "yes" : "-",
    oneLine(stage.skipKind === null ? stage.reason : `${stage.skipKind}: ${stage.reason}`),
  ]
}

function fit(cell: string, column: number, width: number, room: number): string {
  if (column === REASON_COLUMN) return clip(cell, room)
  return HEADER[column] === "seconds" ? cell.padStart(width) : cell.padEnd(width)
}

/** Text of a tool as one line, without what would colour or move the terminal's cursor. */
export function oneLine(text: string): string {
  return withoutControls(text).replace(/\s+/g, " ").trim()
}
