/** One threshold of a load test and what it was judged on. */
export interface JudgedThreshold {
  readonly metric: string
  readonly expression: string
  readonly stat: string
  readonly limit: number | null
  /** Null without samples. */
  readonly value: number | null
  readonly unit: "ms" | "share" | "count"
  readonly state: "kept" | "crossed" | "without samples"
}

export interface LoadCheck {
  readonly name: string
  readonly passes: number
  readonly fails: number
}

/** The numbers of one metric, by what k6 calls them: `p(95)`, `count`, `rate`. */
export type LoadMetric = Readonly<Record<string, number>>

/** `p(95) of http_req_duration is 1843.2 ms, limit 1500 ms`. */
export function thresholdWords({ metric, stat, expression, limit, value, unit }: JudgedThreshold): string {
  if (limit === null || stat === "") return `${metric} ${expression}${value === null ? "" : `, got ${value}`}`
  const bound = expression.includes(">=") ? "at least " : expression.includes(">") ? "more than " : ""
  return `${stat} of ${metric} is ${valueText(value, unit)}, limit ${bound}${valueText(limit, unit)}`
}

export function valueText(value: number | null, unit: JudgedThreshold["unit"]): string {
  if (value === null) return "without a sample"
  if (unit === "ms") return `${milliseconds(value)}`
  if (unit === "share") return percentWords(value)
  return String(Math.round(value * 100) / 100)
}

/** `0.84 ms`, `34.1 ms`, `1843 ms`. */
export function milliseconds(value: number | null): string {
  if (value === null) return "no data"
  return `${Number.isInteger(value) || value >= 1000 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ms`
}

/** `0.1 %`, `12.5 %`; small shares keep two digits that count. */
export function percentWords(share: number | null): string {
  if (share === null) return "no data"
  const percent = share * 100
  return `${percent === 0 ? "0" : percent >= 10 ? percent.toFixed(1).replace(/\.0$/, "") : Number(percent.toPrecision(2)).toString()} %`
}

const OPERATION_TAG = /^(.*)\{operation:([^}]+)\}$/

/** The same of several thresholds, shortly: where a limit is crossed on the whole, its operations are only named. */
export function crossedWords(crossed: readonly JudgedThreshold[]): string {
  const whole = crossed.filter(({ metric, expression }) => {
    const of = OPERATION_TAG.exec(metric)?.[1]
    return of === undefined || !crossed.some((other) => other.metric === of && other.expression === expression)
  })
  return whole
    .map((each) => {
      const operations = crossed.flatMap(({ metric, expression }) => {
        const [, of, operation] = OPERATION_TAG.exec(metric) ?? []
        return of === each.metric && expression === each.expression && operation !== undefined ? [operation] : []
      })
      return `${thresholdWords(each)}${operations.length === 0 ? "" : ` (${operations.join(", ")})`}`
    })
    .join("; ")
}
