import type { PodLoad, ServerSide } from "./server-side.js"

/** One look at the pods: what the kubelet counts of each, and how often its containers have started again. */
export interface PodSample {
  readonly pod: string
  readonly seconds: number
  /** Since the pod began; null where nobody says. */
  readonly coreSeconds: number | null
  readonly mebibytes: number | null
  readonly restarts: number
}

interface StatsSummary {
  readonly pods?: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string }
    readonly cpu?: { readonly usageCoreNanoSeconds?: number; readonly time?: string }
    readonly memory?: { readonly workingSetBytes?: number }
    readonly containers?: readonly { readonly cpu?: { readonly usageCoreNanoSeconds?: number }; readonly memory?: { readonly workingSetBytes?: number } }[]
  }[]
}
interface PodList {
  readonly items?: readonly { readonly metadata: { readonly name: string }; readonly status?: { readonly phase?: string; readonly containerStatuses?: readonly { readonly restartCount: number }[] } }[]
}

/** Joins what the API server and the kubelets say of the pods of one namespace; where a kubelet says nothing, the process does, by its own metrics. */
export function podSamples(podList: unknown, summaries: readonly unknown[], own: ReadonlyMap<string, string>, namespace: string, seconds: number): readonly PodSample[] {
  const stats = (summaries as readonly StatsSummary[]).flatMap(({ pods = [] }) => pods).filter(({ podRef }) => podRef.namespace === namespace)
  return ((podList as PodList).items ?? [])
    .filter(({ status }) => status?.phase === "Running")
    .map(({ metadata, status }): PodSample => {
      const found = stats.find(({ podRef }) => podRef.name === metadata.name)
      const summed = (values: readonly (number | undefined)[]): number | null => {
        const known = values.filter((value) => value !== undefined)
        return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0)
      }
      const nanoseconds = found?.cpu?.usageCoreNanoSeconds ?? summed((found?.containers ?? []).map(({ cpu }) => cpu?.usageCoreNanoSeconds))
      const bytes = found?.memory?.workingSetBytes ?? summed((found?.containers ?? []).map(({ memory }) => memory?.workingSetBytes))
      const restarts = (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0)
      const text = own.get(metadata.name) ?? ""
      const coreSeconds = nanoseconds === null ? gauge(text, "process_cpu_seconds_total") : nanoseconds / 1e9
      const memory = bytes ?? gauge(text, "process_resident_memory_bytes")
      return { pod: metadata.name, seconds, coreSeconds, mebibytes: memory === null ? null : memory / 1_048_576, restarts }
    })
}

/** One number of Prometheus' text format, from a metric without labels. */
function gauge(text: string, name: string): number | null {
  const value = new RegExp(`^${name} ([0-9.eE+-]+)`, "m").exec(text)?.[1]
  return value === undefined ? null : Number(value)
}

/** Pods of one service, by the name that its Deployment gives them. */
export function podsOf(podList: unknown, prefix: string): readonly string[] {
  return ((podList as PodList).items ?? []).map(({ metadata }) => metadata.name).filter((name) => name.startsWith(`${prefix}-`))
}

/** What each pod needed between the first and the last look. A pod that is gone or new has what was seen of it. */
export function podLoads(looks: readonly (readonly PodSample[])[], source: string): ServerSide {
  const pods = [...new Set(looks.flat().map(({ pod }) => pod))].sort()
  if (pods.length === 0) return { rows: [], reason: `${source}: no pod was seen` }
  const rows = pods.map((pod): PodLoad => {
    const seen = looks.flatMap((look) => look.filter((sample) => sample.pod === pod))
    const rates = seen.flatMap((sample, index) => {
      const before = seen[index - 1]
      const passed = before === undefined ? 0 : sample.seconds - before.seconds
      const used = before === undefined || before.coreSeconds === null || sample.coreSeconds === null ? null : sample.coreSeconds - before.coreSeconds
      return used === null || passed <= 0 || used < 0 ? [] : [{ used, passed }]
    })
    const passed = rates.reduce((sum, rate) => sum + rate.passed, 0)
    const memory = seen.flatMap(({ mebibytes }) => (mebibytes === null ? [] : [mebibytes]))
    return {
      pod,
      meanCores: passed === 0 ? null : rates.reduce((sum, { used }) => sum + used, 0) / passed,
      mostCores: rates.length === 0 ? null : Math.max(...rates.map((rate) => rate.used / rate.passed)),
      startMebibytes: memory[0] ?? null,
      mostMebibytes: memory.length === 0 ? null : Math.max(...memory),
      restarts: (seen.at(-1)?.restarts ?? 0) - (seen[0]?.restarts ?? 0),
    }
  })
  return { rows, reason: source }
}
