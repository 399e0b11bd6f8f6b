import { loadXml } from "../lazy.js"
import { withoutControls } from "../report/escape.js"
import { markdownText } from "../report/markdown.js"
import { durationText } from "./duration.js"
import { milliseconds, percentWords, thresholdWords } from "./load-numbers.js"
import type { LoadResult } from "./load-result.js"
import type { ServerSide } from "./server-side.js"

/** junit.xml of a load test: every limit and every check is a case, and so is the test itself. */
export async function renderLoadJunit(result: LoadResult): Promise<string> {
  const { XMLBuilder } = await loadXml()
  const builder = new XMLBuilder({ ignoreAttributes: false, attributeNamePrefix: "@", format: true, suppressEmptyNode: true })
  const cases = [
    testCase("load", "the test", result.verdict === "passed" ? null : { kind: result.verdict === "error" ? "error" : "failure", message: result.reason }),
    ...result.thresholds.map((each) => testCase("limits", `${each.metric} ${each.expression}`, each.state === "kept" ? null : { kind: "failure", message: thresholdWords(each) })),
    ...result.checks.map(({ name, passes, fails }) => testCase("checks", name, fails === 0 ? null : { kind: "failure", message: `${fails} of ${passes + fails} failed` })),
  ]
  const seconds = (result.figures?.seconds ?? 0).toFixed(3)
  const count = (kind: "failure" | "error"): string => String(cases.filter((each) => kind in each).length)
  const suite = { "@name": `load test ${result.plan.scenario}, ${result.plan.shape.profile}`, "@tests": String(cases.length), "@failures": count("failure"), "@errors": count("error"), "@skipped": "0", "@time": seconds, testcase: cases }
  return builder.build({ "?xml": { "@version": "1.0", "@encoding": "UTF-8" }, testsuites: { testsuite: suite } })
}

function testCase(suite: string, name: string, fault: { readonly kind: "failure" | "error"; readonly message: string } | null): Readonly<Record<string, unknown>> {
  const named = { "@name": withoutControls(name), "@classname": `perf.${suite}` }
  return fault === null ? named : { ...named, [fault.kind]: { "@message": withoutControls(fault.message) } }
}

// As much as the summary of a run tells of its reason.
const LONGEST_WORDS = 600

/** summary.md of a load test. */
export function renderLoadMarkdown(result: LoadResult, server: ServerSide | null): string {
  const { plan, figures, comparison, trend } = result
  const text = (words: string): string => markdownText(words, LONGEST_WORDS)
  const rows = (figures === null ? [] : [
    ["p50", milliseconds(figures.latency.p50Milliseconds), ""],
    ["p95", milliseconds(figures.latency.p95Milliseconds), `${plan.budget.p95Milliseconds} ms`],
    ["p99", milliseconds(figures.latency.p99Milliseconds), plan.budget.p99Milliseconds === null ? "" : `${plan.budget.p99Milliseconds} ms`],
    ["errors", percentWords(figures.errorRate), percentWords(plan.budget.errorRate)],
    ["requests", `${figures.requests} (${figures.requestsPerSecond.toFixed(1)}/s)`, ""],
    ["users", String(figures.maximumUsers), ""],
    ["dropped iterations", String(figures.droppedIterations), ""],
  ]).map((cells) => `| ${cells.join(" | ")} |`)
  const parts = [
    `## Load test: ${result.verdict}`,
    text(result.reason),
    `${text(plan.scenario)}, ${text(plan.shape.profile)}, ${durationText(plan.shape.seconds)}, ${text(plan.environment)} at ${text(plan.baseUrl)}.`,
    ...(rows.length === 0 ? [] : [["| | measured | limit |", "| --- | ---: | ---: |", ...rows].join("\n")]),
    ...(comparison === null ? [] : [`Compared: ${text(comparison.words)}.`]),
    ...(trend === null ? [] : [`Trend: ${text(trend.words)}.`]),
    ...(server === null || server.rows.length === 0 ? [] : [["| pod | CPU, mean | memory, most | restarts |", "| --- | ---: | ---: | ---: |", ...server.rows.map(({ pod, meanCores, mostMebibytes, restarts }) => `| ${text(pod)} | ${meanCores?.toFixed(2) ?? "no data"} | ${mostMebibytes === null ? "no data" : `${mostMebibytes.toFixed(0)} MiB`} | ${restarts ?? "no data"} |`)].join("\n")]),
  ]
  return `${parts.join("\n\n")}\n`
}
