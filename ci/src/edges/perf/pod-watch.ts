import type { EnvironmentConfig } from "../../core/config/environments.js"
import type { ServiceConfig } from "../../core/config/services.js"
import { podLoads, podSamples, podsOf, type PodSample } from "../../core/perf/pod-usage.js"
import type { ServerSide } from "../../core/perf/server-side.js"
import { kubeJson } from "../deploy/kube-client.js"
import { kubeRequest, type KubeConnection } from "../kube-request.js"

const LOOK_EVERY_MS = 10_000
const POD_ANSWER_MS = 5000

/** Where the pods of the target are. */
export interface WatchedPods {
  readonly connection: KubeConnection
  readonly environment: EnvironmentConfig
  readonly services: readonly ServiceConfig[]
  /** Name of the Helm release: a service's pods are `<release>-<service>-…`. */
  readonly release: string
}

/** Looks at the pods of the target while it is loaded; what cannot be seen is told, and never stops the load. */
export function watchPods(pods: WatchedPods | null): { readonly end: () => Promise<ServerSide> } {
  if (pods === null) return { end: () => Promise.resolve({ rows: [], reason: "unknown: the call has an address and no kubeconfig" }) }
  const looks: (readonly PodSample[])[] = []
  let problem = ""
  const started = Date.now()
  const look = async (): Promise<void> => {
    try {
      looks.push(await lookAtPods(pods, (Date.now() - started) / 1000))
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
    return looks.length === 0 ? { rows: [], reason: `the pods could not be watched: ${problem}` } : podLoads(looks, `from the API server, the kubelets and the pods themselves, every ${LOOK_EVERY_MS / 1000} s`)
  }
  return { end }
}

async function lookAtPods({ connection, environment: { namespace }, services, release }: WatchedPods, seconds: number): Promise<readonly PodSample[]> {
  const [pods, nodes] = await Promise.all([kubeJson<object>(connection, "GET", `/api/v1/namespaces/${namespace}/pods`), nodeNames(connection)])
  const own = services.flatMap((service) => podsOf(pods, `${release}-${service.name}`).map(async (pod): Promise<[string, string]> => [pod, await ownMetrics(connection, `/api/v1/namespaces/${namespace}/pods/${pod}:${service.port}/proxy${service.metrics}`)]))
  const [summaries, metrics] = await Promise.all([Promise.all(nodes.map((node) => kubeJson<object>(connection, "GET", `/api/v1/nodes/${node}/proxy/stats/summary`).catch(() => ({})))), Promise.all(own)])
  return podSamples(pods, summaries, new Map(metrics), namespace, seconds)
}

async function ownMetrics(connection: KubeConnection, path: string): Promise<string> {
  const answer = await kubeRequest(connection, "GET", path, { timeoutMs: POD_ANSWER_MS }).catch(() => null)
  return answer?.status === 200 ? answer.body : ""
}

/** None where the credentials reach no further than their namespace: the rest is known all the same. */
async function nodeNames(connection: KubeConnection): Promise<readonly string[]> {
  const { items } = await kubeJson<{ items: { metadata: { name: string } }[] }>(connection, "GET", "/api/v1/nodes").catch(() => ({ items: [] }))
  return items.map(({ metadata }) => metadata.name)
}
