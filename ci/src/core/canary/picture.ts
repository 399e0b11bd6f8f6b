import { escapeHtml } from "../report/escape.js"
import { percentText } from "./judge-words.js"
import type { RolloutPlan } from "./rollout-plan.js"
import type { RolloutState, TimelinePoint } from "./rollout-state.js"

const SIZE = { width: 900, height: 520, left: 64, right: 20 }
const WEIGHTS = { top: 64, height: 120 }
const ERRORS = { top: 236, height: 190 }

const STYLE = `
svg { font: 12px system-ui, sans-serif; } text { fill: #1b1f24; } .soft { fill: #57606a; }
.frame { fill: none; stroke: #d0d7de; } .back { fill: #ffffff; } .asked { fill: none; stroke: #0969da; stroke-width: 2; } .seen { fill: #0969da; }
.band { fill: #cf222e; opacity: .16; } .canary { fill: none; stroke: #cf222e; stroke-width: 2; } .stable { fill: none; stroke: #1a7f37; stroke-width: 2; }
.limit { stroke: #9a6700; stroke-dasharray: 6 4; } .decision { stroke: #57606a; stroke-dasharray: 2 3; }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3; } .soft { fill: #9198a1; } .frame { stroke: #30363d; } .back { fill: #0d1117; } }`

/** One picture of a rollout: the weight asked for and seen, the share of errors with its band, and what was decided when. */
export function rolloutPicture(plan: RolloutPlan, state: RolloutState): string {
  const end = Math.max(1, state.seconds, ...state.timeline.map((point) => point.seconds))
  const x = (seconds: number): number => SIZE.left + (seconds / end) * (SIZE.width - SIZE.left - SIZE.right)
  const verdict = state.ending === null ? state.phase : `${state.phase}: ${state.ending.verdict}`
  const title = `${state.kind === "canary" ? "Canary" : "Blue/green"} of ${state.release}: ${verdict}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-labelledby="rollout-title rollout-words">
<title id="rollout-title">${escapeHtml(title)}</title>
<desc id="rollout-words">${escapeHtml(state.ending?.reason ?? "not ended yet")}</desc>
<style>${STYLE}</style>
<rect class="back" width="${SIZE.width}" height="${SIZE.height}"/>
<text x="${SIZE.left}" y="22" font-size="15" font-weight="600">${escapeHtml(fitted(title, 110))}</text>
<text class="soft" x="${SIZE.left}" y="40">${escapeHtml(fitted(state.ending?.reason ?? "", 125))}</text>
${weightPanel(state, x)}
${errorPanel(plan, state.timeline, x)}
${decisionLines(state, x)}
${timeAxis(end, x)}
</svg>
`
}

type Scale = (seconds: number) => number

function weightPanel({ timeline, weights, seconds }: RolloutState, x: Scale): string {
  const y = (percent: number): number => WEIGHTS.top + WEIGHTS.height * (1 - percent / 100)
  // A weight holds until the next one.
  const asked = weights.map(({ seconds: from, weightPercent }, index) => `L${at(x(from), y(weights[index - 1]?.weightPercent ?? 0))}L${at(x(from), y(weightPercent))}L${at(x(weights[index + 1]?.seconds ?? seconds), y(weightPercent))}`)
  const seen = timeline.flatMap((point) => (point.share === null ? [] : [`<circle class="seen" cx="${round(x(point.seconds))}" cy="${round(y(point.share * 100))}" r="2.5"/>`]))
  return [
    frame(WEIGHTS, "Share of the traffic: asked for (line), seen (dots)"),
    ...[0, 50, 100].map((percent) => tick(y(percent), `${percent} %`)),
    ...(asked.length === 0 ? [] : [`<path class="asked" d="M${at(x(0), y(0))}${asked.join("")}"/>`]),
    ...seen,
  ].join("\n")
}

function errorPanel(plan: RolloutPlan, all: readonly TimelinePoint[], x: Scale): string {
  const timeline = all.filter((point) => point.canary.total > 0)
  const limit = plan.judge.metrics[0]?.limit ?? 0
  const shares = timeline.map((point) => point.canary.bad / point.canary.total)
  // The band begins at "anything is possible"; the panel is made for the measured shares and the limit.
  const top = Math.min(1, Math.max(limit * 3, ...shares.map((share) => share * 1.5), (timeline.at(-1)?.band.upper ?? 0) * 2))
  const y = (share: number): number => ERRORS.top + ERRORS.height * (1 - Math.min(share, top) / top)
  const line = (values: readonly (number | null)[]): string =>
    values.flatMap((value, index) => (value === null ? [] : [at(x(timeline[index]?.seconds ?? 0), y(value))])).join(" ")
  const upper = line(timeline.map((point) => point.band.upper))
  const lower = line(timeline.map((point) => point.band.lower)).split(" ").reverse().join(" ")
  return [
    frame(ERRORS, `Share of errors so far: canary (red, with the shares that remain possible), stable (green), limit ${percentText(limit)} (dashed)`),
    ...[0, 0.5, 1].map((part) => tick(y(top * part), percentText(top * part))),
    `<line class="limit" x1="${SIZE.left}" x2="${SIZE.width - SIZE.right}" y1="${round(y(limit))}" y2="${round(y(limit))}"/>`,
    ...(timeline.length === 0 ? [`<text class="soft" x="${SIZE.left + 12}" y="${ERRORS.top + 24}">no request to the canary</text>`] : [
      `<polygon class="band" points="${upper} ${lower}"/>`,
      `<polyline class="stable" points="${line(timeline.map(({ stable }) => (stable.total === 0 ? null : stable.bad / stable.total)))}"/>`,
      `<polyline class="canary" points="${line(shares)}"/>`,
    ]),
  ].join("\n")
}

/** The first ones in full; the text of each is also the line's tooltip. */
function decisionLines(state: RolloutState, x: Scale): string {
  return state.decisions
    .filter(({ what }) => what !== "weight observed")
    .map(({ seconds, by, what, reason }, index) => {
      const place = round(x(seconds))
      const [anchor, text] = place > SIZE.width / 2 ? ["end", place - 4] : ["start", place + 4]
      return `<g><title>${escapeHtml(reason === "" ? `${by}: ${what}` : `${by}: ${what}. ${reason}`)}</title><line class="decision" x1="${place}" x2="${place}" y1="${WEIGHTS.top}" y2="${ERRORS.top + ERRORS.height}"/><text class="soft" x="${text}" y="${ERRORS.top + ERRORS.height + 16 + (index % 4) * 14}" text-anchor="${anchor}">${escapeHtml(fitted(what, 40))}</text></g>`
    })
    .join("\n")
}

function timeAxis(end: number, x: Scale): string {
  return [0, 0.25, 0.5, 0.75, 1].map((part) => `<text class="soft" x="${round(x(end * part))}" y="${SIZE.height - 10}" text-anchor="middle">${Math.round(end * part)} s</text>`).join("\n")
}

function frame({ top, height }: { readonly top: number; readonly height: number }, title: string): string {
  return `<rect class="frame" x="${SIZE.left}" y="${top}" width="${SIZE.width - SIZE.left - SIZE.right}" height="${height}"/>\n<text class="soft" x="${SIZE.left}" y="${top - 6}">${escapeHtml(title)}</text>`
}

function tick(y: number, text: string): string {
  return `<text class="soft" x="${SIZE.left - 6}" y="${round(y + 4)}" text-anchor="end">${escapeHtml(text)}</text>`
}

function fitted(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

function at(x: number, y: number): string {
  return `${round(x)},${round(y)}`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
