import type { HelmRelease } from "../core/deploy/helm.js"
import { eventLines, NEW_WATCH, parseSnapshot, watchRollout, type RolloutFault } from "../core/deploy/watch.js"
import type { RolloutSnapshot } from "../core/deploy/kube-status.js"
import { unfinishedWorkloads } from "../core/deploy/rollout.js"
import { kubeRequest, type KubeConnection } from "./kube-request.js"

const LOOK_AGAIN_MS = 500
const REQUEST_MS = 10_000
const EVENTS_READ = 1000
const LOG_LINES = 20
const LAST_EVENTS = 5

/** How a roll-out ended: all pods serve, something will not heal, or the time is over. */
export type RolloutEnd =
  | { readonly kind: "serves"; readonly seconds: number }
  | { readonly kind: "fault"; readonly fault: RolloutFault; readonly seconds: number; readonly snapshot: RolloutSnapshot }
  | { readonly kind: "late"; readonly missing: string; readonly seconds: number; readonly snapshot: RolloutSnapshot | null }

/** One look at everything of a release that tells how its roll-out goes. */
export async function lookAtRollout(connection: KubeConnection, { name, namespace }: HelmRelease): Promise<RolloutSnapshot> {
  const own = `labelSelector=${encodeURIComponent(`app.kubernetes.io/instance=${name}`)}`
  const read = async (path: string): Promise<string> => {
    const { status, body } = await kubeRequest(connection, "GET", path, { timeoutMs: REQUEST_MS })
    if (status === 200) return body
    throw new Error(`GET ${path.split("?")[0]}: ${status} ${body.slice(0, 200)}`)
  }
  const apps = `/apis/apps/v1/namespaces/${namespace}`
  const core = `/api/v1/namespaces/${namespace}`
  const [deployments, statefulSets, replicaSets, pods, events] = await Promise.all([
    read(`${apps}/deployments?${own}`),
    read(`${apps}/statefulsets?${own}`),
    read(`${apps}/replicasets?${own}`),
    read(`${core}/pods?${own}`),
    read(`${core}/events?limit=${EVENTS_READ}`),
  ])
  return parseSnapshot({ deployments, statefulSets, replicaSets, pods, events })
}

export const servesNow = (snapshot: RolloutSnapshot): boolean => snapshot.workloads.length > 0 && unfinishedWorkloads(snapshot.workloads).length === 0

/** Looks at a roll-out until it serves, will not heal, or the time is over, for which `broken` is another word. An API server that does not answer is asked again. */
export async function watchUntilServing(connection: KubeConnection, release: HelmRelease, watch: { before: RolloutSnapshot; expected: readonly string[]; timeoutSeconds: number; say: (line: string) => void; broken?: AbortSignal }): Promise<RolloutEnd> {
  const { before, expected, timeoutSeconds, say, broken } = watch
  const started = Date.now()
  const seconds = (): number => Math.round((Date.now() - started) / 100) / 10
  let state = NEW_WATCH
  let snapshot: RolloutSnapshot | null = null
  let missing = "nothing was seen"
  for (;;) {
    try {
      snapshot = await lookAtRollout(connection, release)
      const step = watchRollout(state, before, snapshot, Date.now() - started)
      state = step.state
      for (const line of step.progress) say(line)
      const seen = snapshot.workloads.map(({ metadata }) => metadata.name)
      // A workload that carries no label of the release would never be missed.
      const absent = expected.filter((name) => !seen.includes(name)).map((name) => `${name}: not there with the label app.kubernetes.io/instance=${release.name}`)
      const left = [...absent, ...step.missing]
      if (left.length === 0) return { kind: "serves", seconds: seconds() }
      if (step.fault !== null) return { kind: "fault", fault: step.fault, seconds: seconds(), snapshot }
      missing = left.join("; ")
    } catch (error) {
      missing = `the API server cannot be asked: ${error instanceof Error ? error.message : String(error)}`
    }
    if (broken?.aborted === true || Date.now() - started > timeoutSeconds * 1000) return { kind: "late", missing, seconds: seconds(), snapshot }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
  }
}

/** The end of a pod's log, of the container that ended last where there is one, and the last warnings about the pod or its workload. */
export async function podEvidence(connection: KubeConnection, namespace: string, snapshot: RolloutSnapshot, pod: string | null, workload: string): Promise<string> {
  const owners = snapshot.replicaSets.filter(({ metadata }) => metadata.ownerReferences?.some(({ name }) => name === workload)).map(({ metadata }) => metadata.name)
  const events = eventLines(snapshot.events, pod === null ? [workload, ...owners] : [pod], LAST_EVENTS)
  const log = pod === null ? "" : await podLog(connection, namespace, pod)
  return [...(events.length === 0 ? ["no warnings"] : ["last warnings:", ...events]), ...(pod === null ? [] : log === "" ? ["no log lines"] : ["last log lines:", log])].join("\n")
}

async function podLog(connection: KubeConnection, namespace: string, pod: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?tailLines=${LOG_LINES}`
  for (const from of [`${path}&previous=true`, path]) {
    const answer = await kubeRequest(connection, "GET", from, { timeoutMs: REQUEST_MS }).catch(() => null)
    if (answer?.status === 200 && answer.body.trim() !== "") return answer.body.trimEnd().slice(-8000)
  }
  return ""
}
