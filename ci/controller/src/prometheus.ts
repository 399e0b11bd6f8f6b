import type { CanaryQuery } from "../../src/core/config/strategy.js"
import type { CounterSnapshot } from "../../src/core/canary/counts.js"
import { readingInRange } from "../../src/core/canary/readings.js"
import type { CounterSource } from "../../src/core/canary/counter-source.js"
import type { RawSeries } from "../../src/core/canary/raw-series.js"
import type { RolloutMetrics } from "./ports.js"

const ANSWER_MS = 8000

interface PrometheusAnswer<Result> {
  readonly status: "success" | "error"
  readonly error?: string
  readonly data?: { readonly result: Result }
}

/** Counters as Prometheus has scraped them, raw, and the answers to the custom queries. */
export function prometheusMetrics(url: string, source: CounterSource, queries: Readonly<Record<string, CanaryQuery>>, say: (line: string) => void): RolloutMetrics {
  const ask = async <Result>(query: string): Promise<Result> => {
    const answer = await fetch(new URL(`${url.replace(/\/$/, "")}/api/v1/query`), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ query, timeout: `${ANSWER_MS}ms` }),
      signal: AbortSignal.timeout(ANSWER_MS),
    }).catch((error: unknown) => {
      throw new Error("Prometheus does not answer", { cause: error })
    })
    const text = await answer.text()
    const parsed = parseAnswer<Result>(text)
    if (parsed?.status !== "success" || parsed.data === undefined) throw new Error(`Prometheus answers ${answer.status} to ${query}: ${(parsed?.error ?? text).slice(0, 300)}`)
    return parsed.data.result
  }
  let before: CounterSnapshot | null = null
  const troubles = new Map<string, string>()
  /** A query that cannot be answered is no reading; the counters are judged all the same. */
  const reading = async (name: string, query: CanaryQuery): Promise<boolean | null> => {
    try {
      const value = readingInRange(query, singleValue(name, await ask<unknown>(query.query)))
      troubles.delete(name)
      return value
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error)
      if (troubles.get(name) !== trouble) say(`query ${name} has no answer: ${trouble}`)
      troubles.set(name, trouble)
      return null
    }
  }
  return {
    clock: async () => Number((await ask<readonly [number, string]>("time()"))[1]),
    snapshot: async () => {
      before = source.snapshot(await ask<readonly RawSeries[]>(source.query), before)
      return before
    },
    readings: async () => {
      return Object.fromEntries(await Promise.all(Object.entries(queries).map(async ([name, query]) => [name, await reading(name, query)] as const)))
    },
  }
}

function parseAnswer<Result>(text: string): PrometheusAnswer<Result> | null {
  try {
    return JSON.parse(text) as PrometheusAnswer<Result>
  } catch {
    return null
  }
}

/** A query's one number, whether it answers with a scalar or a vector; null for an empty vector. */
function singleValue(name: string, result: unknown): number | null {
  const list = result as readonly unknown[]
  if (typeof list[1] === "string") return Number(list[1])
  if (list.length > 1) throw new Error(`query ${name}: expected one number, got ${list.length} series; sum them, or take their maximum`)
  const [series] = list as readonly { readonly value: readonly [number, string] }[]
  return series === undefined ? null : Number(series.value[1])
}
