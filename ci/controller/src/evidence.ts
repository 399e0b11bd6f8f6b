import { lastLines } from "../../src/core/gates/exec.js"
import type { HelmRelease } from "../../src/core/deploy/helm.js"
import type { PodStatusObject } from "../../src/core/deploy/kube-status.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"
import { lookAtRollout, podEvidence } from "../../src/edges/rollout.js"

const MOST_PODS = 3
const MOST_LINES = 8

/** What the pods of a track have to say for themselves, the worst first. */
export async function trackEvidence(connection: KubeConnection, release: HelmRelease, track: string): Promise<string> {
  const snapshot = await lookAtRollout(connection, release)
  const pods = snapshot.pods.filter(({ metadata }) => metadata.labels?.["delivery.dev/track"] === track).sort((one, other) => restarts(other) - restarts(one))
  const texts = await Promise.all(pods.slice(0, MOST_PODS).map(async (pod) => `pod ${pod.metadata.name}, ${restarts(pod)} restarts: ${lastLines(await podEvidence(connection, release.namespace, snapshot, pod.metadata.name, ""), MOST_LINES)}`))
  return texts.length === 0 ? `no pod of track ${track} is there` : texts.join("\n")
}

const restarts = ({ status }: PodStatusObject): number => (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0)
