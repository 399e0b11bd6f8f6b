import { percentText, tallyText } from "../canary/judge-words.js"
import { routersOf } from "../canary/gateway-counters.js"
import { guardrailRatios, logEvidenceOf, NO_TALLY, type Tally } from "../canary/evidence.js"

/** Chance that a release which keeps its promise is taken back for its errors. */
const FALSE_ALARM = 0.001
/** For how long the gateway's counters are looked at before the write. */
export const BASELINE_SECONDS = 60

/** One counter with its samples, oldest first: seconds by the clock of Prometheus, and the count. */
export interface CounterSeries {
  readonly key: string
  readonly isError: boolean
  readonly samples: readonly (readonly [number, number])[]
}

/** Every answer that users of a release got from the gateway, its own 503 too; with the samples of the last minute. */
export function requestsQuery(namespace: string, release: string): string {
  return `traefik_router_requests_total{service=~"${routersOf(namespace, release)}"}[${BASELINE_SECONDS}s]`
}

interface PrometheusAnswer {
  readonly status?: string
  readonly error?: string
  readonly data?: { readonly result?: readonly { readonly metric: Readonly<Record<string, string>>; readonly values?: readonly (readonly [number, string])[] }[] }
}

/** The series of an answer; throws what Prometheus said when it could not answer. */
export function parseSeries(text: string): readonly CounterSeries[] {
  const answer = JSON.parse(text) as PrometheusAnswer
  if (answer.status !== "success") throw new Error(answer.error ?? "an answer without `status: success`")
  return (answer.data?.result ?? []).map(({ metric, values = [] }) => ({
    key: JSON.stringify(Object.entries(metric).sort()),
    isError: metric["code"]?.startsWith("5") ?? false,
    samples: values.map(([at, value]) => [at, Number(value)] as const),
  }))
}

/** When the newest sample was taken; null without any. */
export const newestSample = (series: readonly CounterSeries[]): number | null => series.reduce<number | null>((newest, { samples }) => Math.max(newest ?? 0, samples.at(-1)?.[0] ?? 0), null)

/** What was counted within the samples of one answer. */
export const countedWithin = (series: readonly CounterSeries[]): Tally => tally(series, ({ samples }) => growth(samples[0]?.[1] ?? 0, samples.at(-1)?.[1] ?? 0))

/** What was counted between two answers; a series that was not there before counts from 0. */
export function countedSince(before: readonly CounterSeries[], after: readonly CounterSeries[]): Tally {
  const old = new Map(before.map(({ key, samples }) => [key, samples.at(-1)?.[1] ?? 0]))
  return tally(after, ({ key, samples }) => growth(old.get(key) ?? 0, samples.at(-1)?.[1] ?? 0))
}

function tally(series: readonly CounterSeries[], counted: (one: CounterSeries) => number): Tally {
  return series.reduce((sum, one) => ({ bad: sum.bad + (one.isError ? counted(one) : 0), total: sum.total + counted(one) }), NO_TALLY)
}

/** A counter that has become smaller began again at 0. */
const growth = (from: number, to: number): number => (to >= from ? to - from : to)

export interface ErrorLook {
  /** The minute before the first write. */
  readonly baseline: Tally
  readonly after: Tally
  readonly limit: number
  readonly seconds: number
}

export interface ErrorJudgement {
  readonly bad: boolean
  readonly text: string
}

/** Whether more requests fail than may, beyond chance, and more than before: what was broken already is not this release's fault. */
export function judgeErrors({ baseline, after, limit, seconds }: ErrorLook): ErrorJudgement {
  const counts = `errors ${tallyText(after)} in ${seconds} s`
  if (after.total === 0) return { bad: false, text: `errors not judged: no request came in ${seconds} s` }
  const share = after.bad / after.total
  const over = share > limit && logEvidenceOf(guardrailRatios(after, limit)) >= Math.log(1 / FALSE_ALARM)
  if (!over) return { bad: false, text: counts }
  const before = baseline.total === 0 ? 0 : baseline.bad / baseline.total
  const beside = `limit ${percentText(limit)}, before it ${tallyText(baseline)}`
  return before > limit && before >= share / 2 ? { bad: false, text: `${counts}, ${beside}: as bad as before` } : { bad: true, text: `${counts}, ${beside}` }
}
