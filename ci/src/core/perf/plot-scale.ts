/** Where values stand in a picture. */
export interface SvgScale {
  readonly at: (value: number) => number
  readonly low: number
  readonly high: number
  readonly logarithmic: boolean
}

// A limit that is far above all that was measured would press the lines to the ground.
const FAR = 4

/** A scale that shows all values and the limit: with equal steps, or with equal factors where the limit is far away. */
export function svgScale({ values, limit, least, from, to }: { readonly values: readonly number[]; readonly limit: number | null; readonly least: number; readonly from: number; readonly to: number }): SvgScale {
  const positive = values.filter((value) => value > 0)
  const most = values.reduce((high, value) => Math.max(high, value), least)
  const bottom = positive.reduce((low, value) => Math.min(low, value), most)
  if (limit !== null && positive.length > 0 && limit > FAR * most) {
    const low = 10 ** Math.floor(Math.log10(bottom))
    const high = limit * 1.3
    const part = (value: number): number => Math.log(Math.max(value, low) / low) / Math.log(high / low)
    return { at: (value) => from + (to - from) * part(value), low, high, logarithmic: true }
  }
  const high = niceAbove(Math.max(most, limit ?? 0) * 1.08)
  return { at: (value) => from + (to - from) * (Math.min(value, high) / high), low: 0, high, logarithmic: false }
}

/** The values that get a line and a number. */
export function svgAxis({ low, high, logarithmic }: SvgScale): readonly number[] {
  if (!logarithmic) return [0, 0.25, 0.5, 0.75, 1].map((part) => high * part)
  const ticks: number[] = []
  for (let value = low; value <= high; value *= 10) ticks.push(value)
  return ticks
}

/** The next number whose quarters are short. */
function niceAbove(value: number): number {
  if (value <= 0) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  return unit * ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 5, 6, 8, 10].find((step) => step * unit >= value) ?? 10)
}
