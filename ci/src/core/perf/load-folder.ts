import type { GateResult } from "../run.js"
import type { ReportFile } from "../report/sarif.js"
import { judgeLoad } from "./judge-load.js"
import type { GoodRun } from "./load-comparison.js"
import { renderLoadPage } from "./load-page.js"
import type { LoadPlan } from "./load-plan.js"
import { renderLoadJunit, renderLoadMarkdown } from "./load-reports.js"
import type { LoadPhase } from "./load-result.js"
import type { ServerSide } from "./server-side.js"

/** What ci/k6/drive.sh leaves, by name; what is missing was not reached. */
export type LoadFiles = Readonly<Record<string, string>>

export interface LoadReport {
  readonly gate: GateResult
  readonly good: GoodRun | null
  /** Files of the run's folder, below perf/<environment>/. */
  readonly files: readonly ReportFile[]
}

const PLAN = "plan.json"
const RECORDING = "series.ndjson"
const K6_PAGE = "k6.html"

/** The verdict and the reports from what lies there: at the end of a load test, or after one that was broken off. */
export async function reportLoad(files: LoadFiles, options: { readonly timeoutSeconds: number; readonly server: ServerSide | null }): Promise<LoadReport> {
  const plan = JSON.parse(files[PLAN] ?? "") as LoadPlan
  const goodRuns = Object.entries(files).flatMap(([name, text]) => (name.startsWith("good/") ? [text] : []))
  const recording = files[RECORDING] ?? ""
  const { gate, result, series, good } = judgeLoad({ plan, warmUp: phaseOf(files, "warm-up"), load: phaseOf(files, "load"), recording, timeoutSeconds: options.timeoutSeconds, goodRuns })
  const page = files[K6_PAGE]
  const made: readonly ReportFile[] = [
    { path: "report.html", text: renderLoadPage(result, series, options.server, { k6Page: page !== undefined }) },
    { path: "summary.json", text: `${JSON.stringify({ ...result, server: options.server }, null, 2)}\n` },
    { path: "summary.md", text: renderLoadMarkdown(result, options.server) },
    { path: "junit.xml", text: await renderLoadJunit(result) },
    { path: PLAN, text: `${JSON.stringify(plan, null, 2)}\n` },
  ]
  const kept = [
    { path: RECORDING, text: recording },
    { path: K6_PAGE, text: page ?? "" },
    { path: "k6-summary.json", text: files["load.json"] ?? "" },
  ]
  return { gate, good, files: [...made, ...kept.filter(({ text }) => text !== "")] }
}

function phaseOf(files: LoadFiles, phase: string): LoadPhase {
  const exit = files[`${phase}.exit`]
  return { exitCode: exit === undefined || exit.trim() === "" ? null : Number(exit), log: files[`${phase}.log`] ?? "", summary: files[`${phase}.json`] ?? null }
}

/** What k6 and the script said, for the run's logs. */
export function loadLog(files: LoadFiles): string {
  return ["warm-up", "load"].map((phase) => `# ${phase}\n${withoutRepeats(files[`${phase}.log`] ?? "")}[exit code ${files[`${phase}.exit`]?.trim() ?? "none"}]\n`).join("\n")
}

/** A target that has died makes k6 say the same thing for every request. */
export function withoutRepeats(log: string): string {
  const lines = log.split("\n")
  const starts = lines.flatMap((line, index) => (index > 0 && line === lines[index - 1] ? [] : [index]))
  return starts
    .map((start, place) => {
      const count = (starts[place + 1] ?? lines.length) - start
      return count < 3 ? lines.slice(start, start + count).join("\n") : `${lines[start]} (${count} times)`
    })
    .join("\n")
}
