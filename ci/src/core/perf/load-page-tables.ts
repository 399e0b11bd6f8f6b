import { html, type SafeHtml } from "../report/escape.js"
import { milliseconds, percentWords, thresholdWords } from "./load-numbers.js"
import type { LoadResult, OperationResult } from "./load-result.js"
import type { ServerSide } from "./server-side.js"

const STATE_LOOK = { kept: "passed", crossed: "failed", "without samples": "inconclusive" } as const

export function thresholdTable({ thresholds, plan: { budget } }: LoadResult): SafeHtml {
  if (thresholds.length === 0) return html`<p>p95 ${budget.p95Milliseconds} ms, errors ${percentWords(budget.errorRate)}. Nothing was judged: the load did not come to its end.</p>`
  return html`<div class="scroll"><table><thead><tr><th>metric</th><th>verdict</th><th>measured</th></tr></thead><tbody>
${thresholds.map((each) => html`<tr><td><code>${each.metric}</code></td><td class="${STATE_LOOK[each.state]}">${each.state}</td><td class="wide">${thresholdWords(each)}</td></tr>
`)}</tbody></table></div>`
}

export function operationTable(operations: readonly OperationResult[]): SafeHtml | null {
  if (operations.length === 0) return null
  return html`<div class="scroll"><table><thead><tr><th>operation</th><th class="number">requests</th><th class="number">p50</th><th class="number">p95</th><th class="number">p99</th><th class="number">max</th></tr></thead><tbody>
${operations.map(
  ({ operation, requests, latency }) => html`<tr><td>${operation}</td><td class="number">${requests}</td>${[latency.p50Milliseconds, latency.p95Milliseconds, latency.p99Milliseconds, latency.maxMilliseconds].map((value) => html`<td class="number">${milliseconds(value)}</td>`)}</tr>
`,
)}</tbody></table></div>`
}

export function checkTable(checks: LoadResult["checks"]): SafeHtml {
  if (checks.length === 0) return html`<p>The script made no check.</p>`
  return html`<div class="scroll"><table><thead><tr><th>check</th><th class="number">passed</th><th class="number">failed</th></tr></thead><tbody>
${checks.map(({ name, passes, fails }) => html`<tr><td class="wide">${name}</td><td class="number">${passes}</td><td class="number ${fails > 0 ? "failed" : ""}">${fails}</td></tr>
`)}</tbody></table></div>`
}

export function serverTable(server: ServerSide | null): SafeHtml | null {
  if (server === null) return null
  if (server.rows.length === 0) return html`<h2>Meanwhile on the servers</h2><p>${server.reason ?? "nothing known"}</p>`
  return html`<h2>Meanwhile on the servers</h2>
<div class="scroll"><table><thead><tr><th>pod</th><th class="number">CPU, mean</th><th class="number">CPU, most</th><th class="number">memory, start</th><th class="number">memory, most</th><th class="number">restarts</th></tr></thead><tbody>
${server.rows.map(
  ({ pod, meanCores, mostCores, startMebibytes, mostMebibytes, restarts }) => html`<tr><td>${pod}</td><td class="number">${cores(meanCores)}</td><td class="number">${cores(mostCores)}</td><td class="number">${mebibytes(startMebibytes)}</td><td class="number">${mebibytes(mostMebibytes)}</td><td class="number ${restarts !== null && restarts > 0 ? "failed" : ""}">${restarts === null ? "no data" : restarts}</td></tr>
`,
)}</tbody></table></div>
${server.reason === null ? null : html`<p class="facts">${server.reason}</p>`}`
}

const cores = (value: number | null): string => (value === null ? "no data" : `${value.toFixed(2)} cores`)
const mebibytes = (value: number | null): string => (value === null ? "no data" : `${value.toFixed(0)} MiB`)
