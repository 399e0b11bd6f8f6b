import { html, type SafeHtml } from "../report/escape.js"
import { REPORT_STYLE } from "../report/html-style.js"
import { durationText } from "./duration.js"
import { histogram } from "./histogram.js"
import { PAGE_STYLE } from "./load-page-style.js"
import { checkTable, operationTable, serverTable, thresholdTable } from "./load-page-tables.js"
import { milliseconds, percentWords } from "./load-numbers.js"
import { clock, plotPanel } from "./plot.js"
import { rateAt, usersAt, type LoadShape } from "./load-shape.js"
import type { LoadPlan } from "./load-plan.js"
import type { LoadResult } from "./load-result.js"
import type { LoadSeries } from "./recording.js"
import type { ServerSide } from "./server-side.js"

/** report.html of a load test: one file that needs nothing else. */
export function renderLoadPage(result: LoadResult, series: LoadSeries, server: ServerSide | null, extras: { readonly k6Page: boolean }): string {
  const { plan, verdict, reason, comparison, trend } = result
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${verdict}: load test of ${plan.environment}</title>
<style>${{ html: REPORT_STYLE + PAGE_STYLE }}</style>
</head>
<body>
<h1>Load test: <b class="${verdict}">${verdict}</b></h1>
<p class="reason">${reason}</p>
${facts(plan, series)}
${tiles(result)}
<h2>Over time</h2>
${series.points.length === 0 ? html`<p>No intervals were recorded${result.figures === null ? "" : ": where several machines send the load, each knows only its own"}.</p>` : panels(plan, series)}
<h2>Latency</h2>
${histogram(result.figures?.percentiles ?? [], plan.budget.p95Milliseconds)}
${comparison === null ? null : html`<p>Compared: <span class="${comparison.state === "slower" ? "failed" : ""}">${comparison.words}</span>.</p>`}
${trend === null ? null : html`<p>Trend: <span class="${trend.grows ? "failed" : ""}">${trend.words}</span>.</p>`}
${operationTable(result.operations)}
<h2>Limits</h2>
${thresholdTable(result)}
<h2>Checks</h2>
${checkTable(result.checks)}
${serverTable(server)}
${slowRequests(result.slow)}
<h2>Asked for</h2>
${asked(plan, extras)}
</body>
</html>
`
  return page.html
}

function facts(plan: LoadPlan, { startedAtMs }: LoadSeries): SafeHtml {
  const told: readonly (readonly [string, string])[] = [
    ["environment", plan.environment],
    ["target", plan.baseUrl],
    ["scenario", plan.scenario],
    ["profile", plan.shape.profile],
    ["run", plan.runId],
    ["commit", plan.commit],
    ["load began", startedAtMs === null ? "never" : isoTime(startedAtMs)],
  ]
  return html`<p class="facts">${told.map(([name, value]) => html`${name} <code>${value}</code> &nbsp; `)}</p>`
}

function tiles({ figures, plan: { budget } }: LoadResult): SafeHtml {
  if (figures === null) return html`<p>Nothing was measured.</p>`
  const over = (value: number | null, limit: number): string => (value !== null && value > limit ? "failed" : "")
  const tile = (name: string, value: string, below: string, look: string): SafeHtml => html`<div class="tile"><span>${name}</span><b class="${look}">${value}</b><span>${below}</span></div>`
  const { latency, errorRate, requestsPerSecond, requests, seconds, maximumUsers, droppedIterations } = figures
  return html`<div class="tiles">
${tile("p95", milliseconds(latency.p95Milliseconds), `limit ${budget.p95Milliseconds} ms`, over(latency.p95Milliseconds, budget.p95Milliseconds))}
${tile("p50", milliseconds(latency.p50Milliseconds), `p99 ${milliseconds(latency.p99Milliseconds)}, max ${milliseconds(latency.maxMilliseconds)}`, "")}
${tile("errors", percentWords(errorRate), `limit ${percentWords(budget.errorRate)}`, over(errorRate, budget.errorRate))}
${tile("requests", `${requestsPerSecond.toFixed(1)}/s`, `${requests} in ${durationText(seconds)}`, "")}
${tile("users", String(maximumUsers), droppedIterations === 0 ? "nothing dropped" : `${droppedIterations} iterations dropped`, droppedIterations > 0 ? "failed" : "")}
</div>`
}

function panels(plan: LoadPlan, { points, seconds: measured }: LoadSeries): readonly SafeHtml[] {
  const seconds = points.map((point) => point.seconds)
  const common = { seconds, end: Math.max(measured, 1), least: 0 }
  const { shape, budget } = plan
  const rate = (value: number): string => (value >= 10 || value === 0 ? value.toFixed(0) : value.toFixed(1))
  const open = shape.model === "open"
  return [
    plotPanel({
      ...common,
      title: "Latency",
      lines: [
        { name: "p99", look: "c", values: points.map((point) => point.p99Milliseconds) },
        { name: "p95", look: "a", values: points.map((point) => point.p95Milliseconds) },
        { name: "p50", look: "b", values: points.map((point) => point.p50Milliseconds) },
      ],
      unit: milliseconds,
      limit: { value: budget.p95Milliseconds, name: `SLO: p95 ${budget.p95Milliseconds} ms` },
    }),
    plotPanel({
      ...common,
      title: open ? "Throughput, and iterations asked for" : "Throughput",
      lines: [
        { name: "requests/s", look: "a", values: points.map((point) => point.requestsPerSecond) },
        { name: "iterations/s", look: "b", values: points.map((point) => point.iterationsPerSecond) },
        ...(open ? [{ name: "asked for", look: "plan" as const, values: seconds.map((at) => plannedAt(shape, at)) }] : []),
      ],
      unit: rate,
      limit: null,
    }),
    plotPanel({
      ...common,
      title: "Errors",
      least: Math.max(budget.errorRate * 2, 0.001),
      lines: [{ name: "failed requests", look: "d", values: points.map((point) => point.errorRate) }],
      unit: percentWords,
      limit: { value: budget.errorRate, name: `SLO: ${percentWords(budget.errorRate)}` },
    }),
    plotPanel({
      ...common,
      title: "Users",
      lines: [{ name: "users", look: "a", values: points.map((point) => point.users) }, ...(open ? [] : [{ name: "asked for", look: "plan" as const, values: seconds.map((at) => plannedAt(shape, at)) }])],
      unit: rate,
      limit: null,
    }),
  ]
}

/** What was asked for at a moment; none after the end. */
export function plannedAt(shape: LoadShape, at: number): number | null {
  const index = shape.points.findIndex(([seconds]) => seconds >= at)
  const [toAt, to] = shape.points[index] ?? [0, 0]
  if (index === -1) return null
  const [fromAt, from] = shape.points[index - 1] ?? [toAt, to]
  const percent = toAt === fromAt ? to : from + ((to - from) * (at - fromAt)) / (toAt - fromAt)
  return shape.model === "open" ? rateAt(shape, percent) : usersAt(shape, percent)
}

function slowRequests(slow: readonly string[]): SafeHtml | null {
  if (slow.length === 0) return null
  return html`<h2>Slow requests</h2>
<p class="facts">Some of those over the limit, with the ids that their traces have.</p>
<ul>${slow.map((line) => html`<li><code>${line}</code></li>`)}</ul>`
}

function asked({ shape, budget, k6, script }: LoadPlan, { k6Page }: { readonly k6Page: boolean }): SafeHtml {
  const load = shape.points.map(([at, percent]) => `${shape.model === "open" ? `${rateAt(shape, percent)}/s` : `${usersAt(shape, percent)} users`} at ${clock(at)}`)
  return html`<p>${script}, ${shape.model} model, ${load.join(", ")}${shape.thinkSeconds === 0 ? "" : `; ${shape.thinkSeconds} s pause after each iteration`}. Limits: ${budget.source}.</p>
<pre>${JSON.stringify(k6.scenario)}</pre>
<p class="facts">Every request carried <code>traceparent</code> and <code>baggage: delivery.run, delivery.commit</code>. Numbers: <a href="summary.json">summary.json</a>, <a href="series.ndjson">series.ndjson</a>${k6Page ? html`; k6's own page: <a href="k6.html">k6.html</a>` : null}.</p>`
}

/** ISO 8601, UTC, without a clock: the calendar is arithmetic (days from civil, Howard Hinnant). */
export function isoTime(milliseconds: number): string {
  const total = Math.floor(milliseconds / 1000)
  const days = Math.floor(total / 86_400) + 719_468
  const era = Math.floor(days / 146_097)
  const day = days - era * 146_097
  const year = Math.floor((day - Math.floor(day / 1460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365)
  const ofYear = day - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const shifted = Math.floor((5 * ofYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const two = (count: number): string => String(count).padStart(2, "0")
  const date = `${year + era * 400 + (month <= 2 ? 1 : 0)}-${two(month)}-${two(ofYear - Math.floor((153 * shifted + 2) / 5) + 1)}`
  return `${date}T${two(Math.floor((total % 86_400) / 3600))}:${two(Math.floor((total % 3600) / 60))}:${two(total % 60)}Z`
}
