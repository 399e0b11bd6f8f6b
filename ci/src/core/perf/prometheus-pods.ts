import type { PodLoad, ServerSide } from "./server-side.js"

/** The questions, by what they are about; `namespace` is that of the environment. cAdvisor's series, and those of kube-state-metrics. */
export const podQueries = (namespace: string): Readonly<Record<"cores" | "bytes" | "restarts", string>> => ({
  cores: `sum by (pod) (rate(container_cpu_usage_seconds_total{namespace="${namespace}",container!="",container!="POD"}[1m]))`,
  bytes: `sum by (pod) (container_memory_working_set_bytes{namespace="${namespace}",container!="",container!="POD"})`,
  restarts: `sum by (pod) (kube_pod_container_status_restarts_total{namespace="${namespace}"})`,
})

/** `/api/v1/query_range`'s answer. */
export interface PrometheusMatrix {
  readonly status?: string
  readonly data?: { readonly result?: readonly { readonly metric: Readonly<Record<string, string>>; readonly values: readonly (readonly [number, string])[] }[] }
}

/** What Prometheus saw of the pods during the load. */
export function prometheusPods(answers: Readonly<Record<"cores" | "bytes" | "restarts", PrometheusMatrix>>): ServerSide {
  const series = (answer: PrometheusMatrix): ReadonlyMap<string, readonly number[]> =>
    new Map((answer.data?.result ?? []).map(({ metric, values }) => [metric["pod"] ?? "", values.map(([, value]) => Number(value)).filter((value) => Number.isFinite(value))]))
  const [cores, bytes, restarts] = [series(answers.cores), series(answers.bytes), series(answers.restarts)]
  // Restarts alone also come from pods that have long ended.
  const pods = [...new Set([...cores.keys(), ...bytes.keys()])].filter((pod) => pod !== "").sort()
  if (pods.length === 0) return { rows: [], reason: "Prometheus knows no pod of this namespace: expected container_cpu_usage_seconds_total or container_memory_working_set_bytes" }
  const rows = pods.map((pod): PodLoad => {
    const [used, held, begun] = [cores.get(pod) ?? [], bytes.get(pod) ?? [], restarts.get(pod) ?? []]
    const mebibytes = held.map((value) => value / 1_048_576)
    return {
      pod,
      meanCores: used.length === 0 ? null : used.reduce((sum, value) => sum + value, 0) / used.length,
      mostCores: used.length === 0 ? null : Math.max(...used),
      startMebibytes: mebibytes[0] ?? null,
      mostMebibytes: mebibytes.length === 0 ? null : Math.max(...mebibytes),
      restarts: begun.length === 0 ? null : (begun.at(-1) ?? 0) - (begun[0] ?? 0),
    }
  })
  return { rows, reason: "from Prometheus, for the time of the load" }
}
