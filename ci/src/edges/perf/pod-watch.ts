import type { EnvironmentConfig } from "../../core/config/environments.js"
import { podLoads, podSamples, type PodSample } from "../../core/perf/pod-usage.js"
import type { ServerSide } from "../../core/perf/server-side.js"
import { kubeJson } from "../deploy/kube-client.js"
import type { Target } from "../target.js"

const LOOK_EVERY_MS = 10_000

/** Looks at the pods of the target while it is loaded; what cannot be seen is told, and never stops the load. */
export function watchPods(environment: EnvironmentConfig, target: Target | null): { readonly end: () => Promise<ServerSide> } {
  if (target === null) return { end: () => Promise.resolve({ rows: [], reason: "unknown: the call names an address and no cluster" }) }
  const looks: (readonly PodSample[])[] = []
  let problem: string | null = null
  const started = Date.now()
  const look = async (): Promise<void> => {
    try {
      looks.push(await lookAtPods(target, environment.namespace, (Date.now() - started) / 1000))
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
  }
  let running = look()
  const timer = setInterval(() => {
    running = running.then(look)
  }, LOOK_EVERY_MS)
  const end = async (): Promise<ServerSide> => {
    clearInterval(timer)
    await running.then(look)
    return looks.length === 0 ? { rows: [], reason: `the pods could not be watched: ${problem}` } : podLoads(looks, `from the API server and its kubelets, every ${LOOK_EVERY_MS / 1000} s`)
  }
  return { end }
}

async function lookAtPods({ connection }: Target, namespace: string, seconds: number): Promise<readonly PodSample[]> {
  const [pods, nodes] = await Promise.all([kubeJson<object>(connection, "GET", `/api/v1/namespaces/${namespace}/pods`), nodeNames(connection)])
  const summaries = await Promise.all(nodes.map((node) => kubeJson<object>(connection, "GET", `/api/v1/nodes/${node}/proxy/stats/summary`).catch(() => ({}))))
  return podSamples(pods, summaries, namespace, seconds)
}

/** None where the credentials reach no further than their namespace: the restarts are known all the same. */
async function nodeNames(connection: Target["connection"]): Promise<readonly string[]> {
  const { items } = await kubeJson<{ items: { metadata: { name: string } }[] }>(connection, "GET", "/api/v1/nodes").catch(() => ({ items: [] }))
  return items.map(({ metadata }) => metadata.name)
}
