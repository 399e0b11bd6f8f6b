import type { PodStatusObject, WorkloadStatus } from "../deploy/kube-status.js"
import { carriedPercent, isCarried, type StablePods } from "./replica-weight.js"

const TRACK = "delivery.dev/track"
const COMPONENT = "app.kubernetes.io/component"

export const deploymentName = (release: string, service: string, track: string): string => `${release}-${service}${track === "stable" ? "" : `-${track}`}`

/** How many pods the live track of each service is told to have; a Deployment that is not there has none. */
export function livePods(workloads: readonly Pick<WorkloadStatus, "metadata" | "spec">[], release: string, services: readonly string[], live: string): readonly StablePods[] {
  return services.map((service) => {
    const found = workloads.find(({ metadata }) => metadata.name === deploymentName(release, service, live))
    return { service, stable: found === undefined ? 0 : (found.spec.replicas ?? 1) }
  })
}

/** How often the containers of a track have been started again, by pod. */
export function trackRestarts(pods: readonly PodStatusObject[], track: string): Readonly<Record<string, number>> {
  const own = pods.filter(({ metadata }) => metadata.labels?.[TRACK] === track)
  return Object.fromEntries(own.map(({ metadata, status }) => [metadata.name, (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0)]))
}

/** A pod of the track whose container has started again since; null for none. */
export function crashedPod(pods: readonly PodStatusObject[], track: string, before: Readonly<Record<string, number>>): string | null {
  return Object.entries(trackRestarts(pods, track)).find(([name, count]) => count > (before[name] ?? 0))?.[0] ?? null
}

/** What the ready pods make of a weight. `off`: for how long that may go on is for whoever looks to say. */
export type CarriedLook =
  | { readonly kind: "carried"; readonly weightPercent: number }
  | { readonly kind: "off"; readonly fault: "release" | "surroundings"; readonly reason: string }
  | { readonly kind: "crashed"; readonly reason: string }

/**
 * Answers that never reach a pod are in none of its counters, so what they would show is seen by the pods themselves: a container of the track that
 * has started again under its traffic, or a track that is not ready.
 */
export function lookAtCarried(askedPercent: number, pods: readonly PodStatusObject[], of: { readonly services: readonly string[]; readonly live: string; readonly track: string; readonly restarts: Readonly<Record<string, number>> }): CarriedLook {
  const crashed = crashedPod(pods, of.track, of.restarts)
  if (crashed !== null) return { kind: "crashed", reason: `pod ${crashed} has crashed under its traffic` }
  const ready = of.services.map((service) => ({ service, stable: readyPods(pods, service, of.live), track: readyPods(pods, service, of.track) }))
  const none = ready.find(({ track }) => track === 0)
  if (none !== undefined) return { kind: "off", fault: "release", reason: `no pod of track ${of.track} of ${none.service} is ready any more` }
  if (askedPercent === 100) return { kind: "carried", weightPercent: 100 }
  const weightPercent = carriedPercent(ready) ?? 0
  const words = ready.map(({ service, stable, track }) => `${service} ${track} of ${stable + track}`).join(", ")
  return isCarried(askedPercent, weightPercent) ? { kind: "carried", weightPercent } : { kind: "off", fault: "surroundings", reason: `ready pods of the track (${words}) carry ${weightPercent} %, asked for ${askedPercent} %` }
}

/** A pod that is on its way out is no endpoint any more. */
function readyPods(pods: readonly PodStatusObject[], service: string, track: string): number {
  return pods.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && metadata.labels?.[COMPONENT] === service && metadata.labels[TRACK] === track && status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") === true).length
}

/** Services of a track whose traffic is split: those that users reach. An internal one is reached by its canary callers. */
export function splitServices(services: readonly { readonly name: string; readonly routes: readonly string[] }[], ofTrack: readonly string[]): readonly string[] {
  return services.filter(({ name, routes }) => routes.length > 0 && ofTrack.includes(name)).map(({ name }) => name)
}
