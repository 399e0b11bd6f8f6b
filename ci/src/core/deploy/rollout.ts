import type { WorkloadStatus } from "./kube-status.js"

/**
 * What is still missing of Deployments or StatefulSets, one line each; empty when all pods are of the wanted
 * revision and available. Conditions are not read: after a roll-out that failed, `Progressing` goes on saying so for a while.
 */
export function unfinishedWorkloads(workloads: readonly WorkloadStatus[]): readonly string[] {
  return workloads.flatMap(({ metadata, spec, status }) => {
    const wanted = spec.replicas ?? 1
    const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {}
    if (observedGeneration < (metadata.generation ?? 0)) return [`${metadata.name}: not yet seen by its controller`]
    if (updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted) return []
    return [`${metadata.name}: ${updatedReplicas} of ${wanted} pods are of this revision, ${availableReplicas} available, ${replicas} in all`]
  })
}
