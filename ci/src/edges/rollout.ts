import type { HelmRelease } from "../core/deploy/helm.js"
import { unfinishedWorkloads } from "../core/deploy/rollout.js"
import { kubeRequest, type KubeConnection } from "./kube-request.js"

const ROLLOUT_PAUSE_MS = 1000
const REQUEST_TIMEOUT_MS = 10_000

/** Waits until every workload of the release has its pods; null, or what is missing when the time is over. */
export async function waitForWorkloads(connection: KubeConnection, { name, namespace }: HelmRelease, timeoutSeconds: number): Promise<string | null> {
  const selector = encodeURIComponent(`app.kubernetes.io/instance=${name}`)
  const giveUp = Date.now() + timeoutSeconds * 1000
  for (;;) {
    const missing = await Promise.all(
      ["deployments", "statefulsets"].map(async (kind) => {
        const answer = await kubeRequest(connection, "GET", `/apis/apps/v1/namespaces/${namespace}/${kind}?labelSelector=${selector}`, { timeoutMs: REQUEST_TIMEOUT_MS }).catch(
          (error: unknown) => ({ status: 0, body: error instanceof Error ? error.message : String(error) }),
        )
        return answer.status === 200 ? unfinishedWorkloads(answer.body) : [`${kind} cannot be read (${answer.status}): ${answer.body.slice(0, 200)}`]
      }),
    )
    if (missing.flat().length === 0) return null
    if (Date.now() > giveUp) return `after ${timeoutSeconds} s: ${missing.flat().join("; ")}`
    await new Promise((resolve) => setTimeout(resolve, ROLLOUT_PAUSE_MS))
  }
}
