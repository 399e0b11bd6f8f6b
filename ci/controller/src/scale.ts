import type { HelmRelease } from "../../src/core/deploy/helm.js"
import type { RolloutFacts } from "../../src/core/canary/stored-rollout.js"
import { deploymentName } from "../../src/core/canary/track-pods.js"
import type { RolloutSnapshot } from "../../src/core/deploy/kube-status.js"
import { kubeJson } from "../../src/edges/deploy/kube-client.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"
import { insist } from "./insist.js"

export interface TrackScale {
  readonly facts: Pick<RolloutFacts, "services" | "track" | "live">
  readonly weightPercent: number
  /** By service, where the number of pods is the weight: neither more nor fewer. */
  readonly exact: Readonly<Record<string, number>>
}

/** As many pods as the share of the traffic needs, of as many as the live track has; never fewer than there are, but where their number carries the weight. */
export async function scaleTrackPods(connection: KubeConnection, { name: release, namespace }: HelmRelease, { workloads }: RolloutSnapshot, { facts, weightPercent, exact }: TrackScale): Promise<void> {
  const replicas = (name: string): number => workloads.find(({ metadata }) => metadata.name === name)?.spec.replicas ?? 1
  for (const service of facts.services) {
    const name = deploymentName(release, service, facts.track)
    const share = Math.max(1, Math.ceil((replicas(deploymentName(release, service, facts.live)) * weightPercent) / 100))
    const wanted = exact[service] ?? Math.max(share, replicas(name))
    if (replicas(name) === wanted) continue
    await insist(() => kubeJson(connection, "PATCH", `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/scale`, { spec: { replicas: wanted } }, { contentType: "application/merge-patch+json" }))
  }
}
