import { podQueries, prometheusPods, type PrometheusMatrix } from "../../core/perf/prometheus-pods.js"
import type { ServerSide } from "../../core/perf/server-side.js"

const QUERY_TIMEOUT_MS = 15_000
const STEPS = 60

/** What Prometheus saw of the pods between two times; why not, where it cannot be asked. */
export async function askPrometheus(address: string, namespace: string, window: { readonly startedAtMs: number; readonly endedAtMs: number }): Promise<ServerSide> {
  const { startedAtMs, endedAtMs } = window
  const step = Math.max(1, Math.ceil((endedAtMs - startedAtMs) / 1000 / STEPS))
  const ask = async (query: string): Promise<PrometheusMatrix> => {
    const parameters = new URLSearchParams({ query, start: String(startedAtMs / 1000), end: String(endedAtMs / 1000), step: String(step) })
    const answer = await fetch(`${address.replace(/\/+$/, "")}/api/v1/query_range?${parameters}`, { signal: AbortSignal.timeout(QUERY_TIMEOUT_MS) })
    if (!answer.ok) throw new Error(`${answer.status} ${(await answer.text()).slice(0, 200)}`)
    return (await answer.json()) as PrometheusMatrix
  }
  try {
    const queries = podQueries(namespace)
    const [cores, bytes, restarts] = await Promise.all([ask(queries.cores), ask(queries.bytes), ask(queries.restarts)])
    return prometheusPods({ cores, bytes, restarts })
  } catch (error) {
    return { rows: [], reason: `Prometheus cannot be asked (${error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)})` }
  }
}
