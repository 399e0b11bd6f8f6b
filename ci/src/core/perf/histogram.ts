import { html, type SafeHtml } from "../report/escape.js"
import { milliseconds } from "./load-numbers.js"
import { px } from "./plot.js"

const HISTOGRAM_SIZE = { width: 960, height: 210, left: 70, right: 16, top: 30, bottom: 26 }
const BARS = 40

export interface HistogramBar {
  readonly from: number
  readonly to: number
  /** Of all requests, 0 to 1. */
  readonly share: number
}

/** Bars from the percentiles 1 to 99: between two of them lies one request in a hundred. */
export function histogramBars(percentiles: readonly number[]): readonly HistogramBar[] {
  const first = percentiles[0]
  const last = percentiles.at(-1)
  if (first === undefined || last === undefined || last <= first) return []
  const width = (last - first) / BARS
  return Array.from({ length: BARS }, (_, index) => {
    const from = first + index * width
    return { from, to: from + width, share: shareBelow(percentiles, from + width) - shareBelow(percentiles, from) }
  })
}

function shareBelow(percentiles: readonly number[], value: number): number {
  const above = percentiles.findIndex((percentile) => percentile > value)
  if (above === -1) return 0.99
  if (above === 0) return 0.01
  const [low = 0, high = 0] = [percentiles[above - 1], percentiles[above]]
  return (above + (high === low ? 0 : (value - low) / (high - low))) / 100
}

/** How long the requests took; one in a hundred is faster, and one slower, than the picture shows. */
export function histogram(percentiles: readonly number[], limitMilliseconds: number): SafeHtml {
  const bars = histogramBars(percentiles)
  const { width, height, left, right, top, bottom } = HISTOGRAM_SIZE
  if (bars.length === 0) return html`<p class="facts">No histogram: ${percentiles.length === 0 ? "a test that was broken off leaves no percentiles" : "all requests took the same time"}.</p>`
  const first = bars[0]?.from ?? 0
  const last = bars.at(-1)?.to ?? 1
  const most = Math.max(...bars.map(({ share }) => share))
  const x = (value: number): number => left + ((value - first) / (last - first)) * (width - left - right)
  const y = (share: number): number => height - bottom - (share / most) * (height - top - bottom)
  const within = limitMilliseconds > first && limitMilliseconds < last
  return html`<figure><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Histogram of the latency">
<text class="head" x="${left}" y="16">How long requests took (98 of 100; the fastest and the slowest are outside)</text>
${[0, 0.5, 1].map((part) => html`<line class="grid" x1="${left}" x2="${width - right}" y1="${px(y(most * part))}" y2="${px(y(most * part))}"/><text class="tick" x="${left - 8}" y="${px(y(most * part) + 4)}" text-anchor="end">${(most * part * 100).toFixed(1)} %</text>`)}
${bars.map(({ from, to, share }) => html`<rect class="bar" x="${px(x(from) + 0.5)}" y="${px(y(share))}" width="${px(Math.max(1, x(to) - x(from) - 1))}" height="${px(Math.max(0, height - bottom - y(share)))}"><title>${milliseconds(from)} to ${milliseconds(to)}: ${(share * 100).toFixed(1)} %</title></rect>`)}
${[0, 0.25, 0.5, 0.75, 1].map((part) => html`<text class="tick" x="${px(x(first + (last - first) * part))}" y="${height - 8}" text-anchor="${part === 0 ? "start" : part === 1 ? "end" : "middle"}">${milliseconds(first + (last - first) * part)}</text>`)}
${within ? html`<line class="limit" x1="${px(x(limitMilliseconds))}" x2="${px(x(limitMilliseconds))}" y1="${top}" y2="${height - bottom}"/>` : null}
</svg></figure>
`
}
