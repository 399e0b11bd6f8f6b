import type { EventObject, PodStatusObject, RolloutSnapshot, WorkloadStatus } from "./kube-status.js"
import { podSign, tidy, type FaultKind, type FaultSign } from "./pod-fault.js"
import { unfinishedWorkloads } from "./rollout.js"

/** Why a roll-out will not come to its end. */
export interface RolloutFault {
  readonly kind: FaultKind
  readonly workload: string
  readonly service: string
  /** Null when the cluster would not even make one. */
  readonly pod: string | null
  readonly cause: string
  /** For how long the sign has been there. */
  readonly lastedMs: number
}

/** What the watch remembers between two looks. */
export interface WatchState {
  /** When each sign was first seen, by its workload, pod and kind. */
  readonly since: Readonly<Record<string, number>>
  readonly progress: Readonly<Record<string, string>>
}
export const NEW_WATCH: WatchState = { since: {}, progress: {} }

export interface WatchStep {
  readonly state: WatchState
  /** Workloads whose progress changed since the last look, one line each. */
  readonly progress: readonly string[]
  /** Empty when all workloads have their pods. */
  readonly missing: readonly string[]
  readonly fault: RolloutFault | null
}

const QUOTA_GRACE_MS = 3000

interface Sighting extends FaultSign {
  readonly workload: WorkloadStatus
  readonly pod: string | null
}

/** What the API server's lists say, with events from old to new. */
export function parseSnapshot(lists: { readonly deployments: string; readonly statefulSets: string; readonly replicaSets: string; readonly pods: string; readonly events: string }): RolloutSnapshot {
  const items = <Item>(json: string): readonly Item[] => (JSON.parse(json) as { readonly items: readonly Item[] }).items
  const workloads = (kind: WorkloadStatus["kind"], json: string) => items<WorkloadStatus>(json).map((workload) => ({ ...workload, kind }))
  const seenAt = ({ lastTimestamp, eventTime, metadata }: EventObject): string => lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? ""
  return {
    workloads: [...workloads("Deployment", lists.deployments), ...workloads("StatefulSet", lists.statefulSets)],
    replicaSets: items(lists.replicaSets),
    pods: items(lists.pods),
    events: [...items<EventObject>(lists.events)].sort((one, other) => (seenAt(one) < seenAt(other) ? -1 : 1)),
  }
}

/** One look at a roll-out. `before` is what the cluster said before anything was written: conditions of an earlier roll-out stay for a while. */
export function watchRollout(state: WatchState, before: RolloutSnapshot, now: RolloutSnapshot, nowMs: number): WatchStep {
  const sightings = now.workloads.flatMap((workload) => workloadSightings(workload, before, now))
  const keys = sightings.map((seen) => `${seen.workload.metadata.name} ${seen.pod ?? ""} ${seen.kind}`)
  const since = Object.fromEntries(keys.map((key) => [key, state.since[key] ?? nowMs]))
  // What is being taken away may leave room for what waits.
  const roomComing = now.pods.some(({ metadata }) => metadata.deletionTimestamp !== undefined)
  const ripe = sightings.map((seen, index) => ({ ...seen, lastedMs: nowMs - (since[keys[index] ?? ""] ?? nowMs) }))
    .filter(({ kind, graceMs, lastedMs }) => lastedMs >= graceMs && !(roomComing && (kind === "unschedulable" || kind === "quota")))
  const first = ripe[0]
  const lines = Object.fromEntries(now.workloads.map((workload) => [workload.metadata.name, progressLine(workload)]))
  return {
    state: { since: roomComing ? withoutWaiters(since, sightings, keys, nowMs) : since, progress: lines },
    progress: Object.entries(lines).filter(([name, line]) => state.progress[name] !== line).map(([, line]) => line),
    missing: unfinishedWorkloads(now.workloads),
    fault: first === undefined ? null : { kind: first.kind, workload: first.workload.metadata.name, service: serviceOfWorkload(first.workload), pod: first.pod, cause: first.cause, lastedMs: first.lastedMs },
  }
}

/** The clock of those that wait for room starts when nothing is on its way out any more. */
function withoutWaiters(since: Readonly<Record<string, number>>, sightings: readonly Sighting[], keys: readonly string[], nowMs: number): Readonly<Record<string, number>> {
  return Object.fromEntries(sightings.map(({ kind }, index) => [keys[index] ?? "", kind === "unschedulable" || kind === "quota" ? nowMs : (since[keys[index] ?? ""] ?? nowMs)]))
}

function workloadSightings(workload: WorkloadStatus, before: RolloutSnapshot, now: RolloutSnapshot): readonly Sighting[] {
  if ((workload.status?.observedGeneration ?? 0) < (workload.metadata.generation ?? 0)) return []
  const ofPods = newPods(workload, now).flatMap((pod): Sighting[] => {
    const sign = podSign(pod, now.events)
    return sign === null ? [] : [{ ...sign, workload, pod: pod.metadata.name }]
  })
  const own = workloadSign(workload, before)
  return own === null ? ofPods : [...ofPods, { ...own, workload, pod: null }]
}

function workloadSign(workload: WorkloadStatus, before: RolloutSnapshot): FaultSign | null {
  const old = before.workloads.find(({ kind, metadata }) => kind === workload.kind && metadata.name === workload.metadata.name)
  const conditions = workload.status?.conditions?.filter(({ type, lastUpdateTime }) => old?.status?.conditions?.find((other) => other.type === type)?.lastUpdateTime !== lastUpdateTime) ?? []
  const refused = conditions.find(({ type, status }) => type === "ReplicaFailure" && status === "True")
  if (refused !== undefined) {
    const cause = tidy(refused.message)
    return /exceeded quota/.test(cause) ? { kind: "quota", cause, graceMs: QUOTA_GRACE_MS } : { kind: "refused", cause, graceMs: /violates PodSecurity|denied the request|denied request/.test(cause) ? 0 : QUOTA_GRACE_MS }
  }
  const late = conditions.find(({ type, status, reason }) => type === "Progressing" && status === "False" && reason === "ProgressDeadlineExceeded")
  return late === undefined ? null : { kind: "progress deadline", cause: tidy(late.message), graceMs: 0 }
}

/** Pods on their way out that may still be asked: to them a check would speak of the past. */
export function leavingPods({ pods }: RolloutSnapshot): readonly string[] {
  const isReady = ({ status }: PodStatusObject): boolean => status?.conditions?.some(({ type, status: state }) => type === "Ready" && state === "True") ?? false
  return pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && isReady(pod)).map(({ metadata }) => metadata.name)
}

/** The pods of the newest revision of a workload: an old pod that is ill is not the new release's fault. */
export function newPods(workload: WorkloadStatus, { replicaSets, pods }: RolloutSnapshot): readonly PodStatusObject[] {
  const alive = pods.filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.phase !== "Succeeded")
  const ownedBy = (kind: string, name: string) => alive.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.controller === true && owner.kind === kind && owner.name === name))
  if (workload.kind === "Deployment") {
    const revisionOf = (metadata: WorkloadStatus["metadata"]): number => Number(metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0)
    const own = replicaSets.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.controller === true && owner.name === workload.metadata.name))
    const newest = own.reduce<(typeof own)[number] | null>((best, candidate) => (best === null || revisionOf(candidate.metadata) > revisionOf(best.metadata) ? candidate : best), null)
    return newest === null ? [] : ownedBy("ReplicaSet", newest.metadata.name)
  }
  const revision = workload.status?.updateRevision
  const own = ownedBy(workload.kind, workload.metadata.name)
  return revision === undefined ? own : own.filter(({ metadata }) => metadata.labels?.["controller-revision-hash"] === revision)
}

export const serviceOfWorkload = ({ metadata }: WorkloadStatus): string => metadata.labels?.["app.kubernetes.io/component"] ?? metadata.name

function progressLine({ metadata, spec, status }: WorkloadStatus): string {
  const wanted = spec.replicas ?? 1
  const { observedGeneration = 0, replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status ?? {}
  if (observedGeneration < (metadata.generation ?? 0)) return `${metadata.name}: waiting for its controller`
  const old = replicas - updatedReplicas
  return `${metadata.name}: ${updatedReplicas} of ${wanted} new, ${availableReplicas} available${old > 0 ? `, ${old} old` : ""}`
}

/** The last events about a pod or its workload, one line each, newest last. */
export function eventLines(events: readonly EventObject[], names: readonly string[], count: number): readonly string[] {
  const about = events.filter(({ type, involvedObject }) => type === "Warning" && names.includes(involvedObject.name))
  return about.slice(-count).map(({ reason, message, count: times = 1 }) => `${reason}: ${tidy(message)}${times > 1 ? ` (${times} times)` : ""}`)
}
