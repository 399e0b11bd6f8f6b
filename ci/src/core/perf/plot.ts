import { html, type SafeHtml } from "../report/escape.js"
import { svgAxis, svgScale, type SvgScale } from "./plot-scale.js"

/** One line of a picture; a gap where nothing was measured. */
export interface PlotLine {
  readonly name: string
  /** The line's colour, by the page's style: `a` to `d`; `plan` is dashed. */
  readonly look: "a" | "b" | "c" | "d" | "plan"
  readonly values: readonly (number | null)[]
}

export interface PlotPanel {
  readonly title: string
  readonly seconds: readonly number[]
  readonly end: number
  readonly lines: readonly PlotLine[]
  readonly unit: (value: number) => string
  /** Drawn as a line of its own. */
  readonly limit: { readonly value: number; readonly name: string } | null
  /** The least that the scale shows, so that nothing looks like something. */
  readonly least: number
}

const PANEL_SIZE = { width: 960, height: 230, left: 70, right: 16, top: 34, bottom: 26 }
const HOVERS = 120

/** A picture of values over time, as SVG inside a page: no script, the numbers of each moment under the pointer. */
export function plotPanel(panel: PlotPanel): SafeHtml {
  const { title, seconds, end, lines, limit } = panel
  const measured = lines.flatMap(({ values }) => values.filter((value) => value !== null))
  const y = svgScale({ values: measured, limit: limit?.value ?? null, least: panel.least, from: PANEL_SIZE.height - PANEL_SIZE.bottom, to: PANEL_SIZE.top })
  const x = (at: number): number => PANEL_SIZE.left + (at / Math.max(end, 1)) * (PANEL_SIZE.width - PANEL_SIZE.left - PANEL_SIZE.right)
  const { left, right, top, bottom, width, height } = PANEL_SIZE
  return html`<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<text class="head" x="${left}" y="16">${title}</text>
${legend(lines, limit?.name ?? null)}
${svgAxis(y).map((value) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${px(y.at(value))}" y2="${px(y.at(value))}"/><text class="tick" x="${left - 8}" y="${px(y.at(value) + 4)}" text-anchor="end">${panel.unit(value)}</text>`)}
${[0, 0.25, 0.5, 0.75, 1].map((part) => html`<text class="tick" x="${px(x(end * part))}" y="${height - 8}" text-anchor="${part === 0 ? "start" : part === 1 ? "end" : "middle"}">${clock(end * part)}</text>`)}
${lines.map((line) => html`<path class="line ${line.look}" d="${pathOf(line.values, seconds, x, y)}"/>`)}
${limit === null ? null : html`<line class="limit" x1="${left}" x2="${width - right}" y1="${px(y.at(limit.value))}" y2="${px(y.at(limit.value))}"/>`}
${measured.length === 0 ? html`<text class="tick" x="${left + 12}" y="${(top + height - bottom) / 2}">nothing was measured</text>` : null}
${hovers(panel, x)}
</svg></figure>
`
}

function legend(lines: readonly PlotLine[], limit: string | null): SafeHtml {
  const entries = [...lines.map(({ name, look }) => ({ name, look: `line ${look}` })), ...(limit === null ? [] : [{ name: limit, look: "limit" }])]
  // From the right, by an estimate of each name's width: SVG cannot ask.
  let right = PANEL_SIZE.width - PANEL_SIZE.right
  const parts = entries.reverse().map(({ name, look }) => {
    right -= name.length * 6.6 + 34
    return html`<line class="${look}" x1="${px(right)}" x2="${px(right + 18)}" y1="12" y2="12"/><text class="tick" x="${px(right + 23)}" y="16">${name}</text>`
  })
  return html`${parts}`
}

function pathOf(values: readonly (number | null)[], seconds: readonly number[], x: (at: number) => number, y: SvgScale): string {
  let pen = "M"
  return values
    .map((value, index) => {
      if (value === null) {
        pen = "M"
        return ""
      }
      const step = `${pen}${px(x(seconds[index] ?? 0))},${px(y.at(value))}`
      pen = "L"
      // A single point between two gaps would not be seen: a line of no length with round ends is.
      return (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null ? `${step}h0` : step
    })
    .join("")
}

function hovers({ seconds, lines, unit, end }: PlotPanel, x: (at: number) => number): readonly SafeHtml[] {
  const step = Math.max(1, Math.ceil(seconds.length / HOVERS))
  const shown = seconds.flatMap((at, index) => (index % step === 0 ? [{ at, index }] : []))
  const width = Math.max(2, (x(end) - x(0)) / Math.max(1, shown.length))
  return shown.map(({ at, index }) => {
    const told = lines.map(({ name, values }) => `${name} ${values[index] === null || values[index] === undefined ? "none" : unit(values[index])}`)
    return html`<rect class="hover" x="${px(x(at) - width / 2)}" y="${PANEL_SIZE.top}" width="${px(width)}" height="${PANEL_SIZE.height - PANEL_SIZE.top - PANEL_SIZE.bottom}"><title>${clock(at)}: ${told.join(", ")}</title></rect>`
  })
}

/** `1:05`, `1:00:05`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (count: number): string => String(count).padStart(2, "0")
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

export const px = (value: number): string => String(Math.round(value * 10) / 10)
