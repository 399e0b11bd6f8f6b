// What the cluster itself shows, by the clock of this machine: when the first hard evidence of a fault was there, and when all pods were new and ready.
import { request } from "node:https"
import { parse } from "yaml"

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[]
    readonly containerStatuses?: readonly { readonly started?: boolean; readonly restartCount: number; readonly state?: { readonly waiting?: { readonly reason?: string }; readonly terminated?: object }; readonly lastState?: { readonly terminated?: object } }[]
  }
}
interface Deployment {
  readonly metadata: { readonly generation: number }
  readonly spec: { readonly replicas: number }
  readonly status?: { readonly observedGeneration?: number; readonly replicas?: number; readonly updatedReplicas?: number; readonly availableReplicas?: number }
}

export interface Eye {
  /** Forgets what was there before; `probeMs`: for how long a pod that has started may be not ready. */
  readonly open: (probeMs: number) => Promise<void>
  /** Milliseconds since the epoch; null when it was not seen. */
  readonly evidence: () => { readonly at: number; readonly what: string } | null
  readonly allNew: () => number | null
  readonly close: () => void
}

const LOOK_EVERY_MS = 100

export function clusterEye(kubeconfig: string, namespace: string, workload: string): Eye {
  const file = parse(kubeconfig) as { clusters: { cluster: Record<string, string> }[]; users: { user: Record<string, string> }[] }
  const cluster = file.clusters[0]?.cluster ?? {}
  const ca = Buffer.from(cluster["certificate-authority-data"] ?? "", "base64")
  const get = <Value>(path: string): Promise<Value> =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(path, cluster["server"]), { ca, headers: { authorization: `Bearer ${file.users[0]?.user["token"]}` }, timeout: 5000 }, (answer) => {
        let body = ""
        answer.setEncoding("utf8").on("data", (text: string) => (body += text))
        answer.on("end", () => (answer.statusCode === 200 ? resolve(JSON.parse(body) as Value) : reject(new Error(`${path}: ${answer.statusCode}`))))
      })
      asked.on("error", reject).end()
    })
  const podsOf = () => get<{ items: readonly Pod[] }>(`/api/v1/namespaces/${namespace}/pods?labelSelector=app.kubernetes.io%2Fcomponent%3D${workload.split("-").at(-1)}`)
  const deploymentOf = () => get<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/${workload}`)

  let old = new Set<string>()
  let generation = 0
  let evidence: { at: number; what: string } | null = null
  let allNew: number | null = null
  let probeMs = 0
  const started = new Map<string, number>()
  let busy = false
  const look = async (): Promise<void> => {
    const [{ items }, deployment] = await Promise.all([podsOf(), deploymentOf()])
    const at = Date.now()
    const { metadata, spec, status } = deployment
    const settled = metadata.generation > generation && status?.observedGeneration === metadata.generation
    if (allNew === null && settled && status?.updatedReplicas === spec.replicas && status.availableReplicas === spec.replicas && status.replicas === spec.replicas) allNew = at
    for (const pod of items.filter(({ metadata: { name, deletionTimestamp } }) => !old.has(name) && deletionTimestamp === undefined)) {
      const what = hardEvidence(pod) ?? notReady(pod, at)
      if (what !== null) evidence ??= { at, what }
    }
  }
  const notReady = (pod: Pod, at: number): string | null => {
    const container = pod.status?.containerStatuses?.[0]
    const ready = pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false
    if (container?.started !== true || ready) return null
    const since = started.get(pod.metadata.name) ?? at
    started.set(pod.metadata.name, since)
    return at - since >= probeMs ? `not ready for ${probeMs / 1000} s` : null
  }
  /** Pods of the run before that are still on their way out would make room, and everybody waits for that. */
  const settled = async (): Promise<[{ items: readonly Pod[] }, Deployment]> => {
    for (;;) {
      const found = await Promise.all([podsOf(), deploymentOf()])
      if (found[0].items.every(({ metadata }) => metadata.deletionTimestamp === undefined)) return found
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    void look().catch(() => undefined).finally(() => (busy = false)) // the next look comes at once
  }, LOOK_EVERY_MS)
  return {
    open: async (limitMs) => {
      const [pods, deployment] = await settled()
      old = new Set(pods.items.map(({ metadata }) => metadata.name))
      generation = deployment.metadata.generation
      probeMs = limitMs
      started.clear()
      evidence = null
      allNew = null
    },
    evidence: () => evidence,
    allNew: () => allNew,
    close: () => clearInterval(timer),
  }
}

function hardEvidence({ status }: Pod): string | null {
  const container = status?.containerStatuses?.[0]
  const waiting = container?.state?.waiting?.reason
  if (waiting === "ErrImagePull" || waiting === "ImagePullBackOff" || waiting === "CrashLoopBackOff") return waiting
  if (container !== undefined && container.restartCount > 0 && (container.state?.terminated ?? container.lastState?.terminated) !== undefined) return "ended again after a restart"
  return status?.conditions?.find(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable")?.reason ?? null
}
