import type { ContainerState, EndedState, EventObject, PodStatusObject, ProbeTiming, StateReason } from "./kube-status.js"

/** What keeps a new pod from serving; the word stands in reports and notifications. */
export type FaultKind = "image" | "crash loop" | "container" | "configuration" | "unschedulable" | "quota" | "refused" | "probe" | "progress deadline"

/** A sign that a pod will not heal, and how long it must last before it is believed. */
export interface FaultSign {
  readonly kind: FaultKind
  readonly cause: string
  readonly graceMs: number
}

// A registry that does not answer may answer again; a name that it does not know, it will not know in a minute either.
const IMAGE_WILL_NOT_COME = /not found|manifest unknown|name unknown|unauthorized|authentication required|denied|forbidden|invalid reference|failed to parse|no match for platform|HTTP response to HTTPS client|x509: /i
const IMAGE_WAITING = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"]
const IMAGE_REFUSED = ["InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "SignatureValidationFailed"]
const TIDY_LENGTH = 300
const GRACE_MS = { slowRegistry: 30_000, configuration: 5000, unschedulable: 3000, probeAtLeast: 15_000 }

/** The sign of one pod of the new revision; null when it serves, or may yet. */
export function podSign(pod: PodStatusObject, events: readonly EventObject[]): FaultSign | null {
  const own = events.filter(({ involvedObject }) => involvedObject.kind === "Pod" && involvedObject.name === pod.metadata.name)
  const states = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  for (const state of states) {
    const sign = containerSign(state, own, pod)
    if (sign !== null) return sign
  }
  const unscheduled = pod.status?.conditions?.find(({ type, status, reason }) => type === "PodScheduled" && status === "False" && reason === "Unschedulable")
  // A cluster that is about to get another node says so.
  if (unscheduled === undefined || own.some(({ reason }) => reason === "TriggeredScaleUp")) return null
  return { kind: "unschedulable", cause: `no node takes it: ${tidy(unscheduled.message)}`, graceMs: GRACE_MS.unschedulable }
}

function containerSign(state: ContainerState, events: readonly EventObject[], pod: PodStatusObject): FaultSign | null {
  const waiting = state.state?.waiting
  const ended = state.state?.terminated ?? state.lastState?.terminated
  if (waiting?.reason !== undefined && IMAGE_REFUSED.includes(waiting.reason)) return { kind: "image", cause: described(waiting), graceMs: 0 }
  if (waiting?.reason !== undefined && IMAGE_WAITING.includes(waiting.reason)) return imageSign(waiting, events)
  if (waiting?.reason === "CreateContainerConfigError") return { kind: "configuration", cause: described(waiting), graceMs: GRACE_MS.configuration }
  // It was killed for a probe: its exit code says nothing about it.
  const probe = events.findLast(({ reason, message }) => reason === "Killing" && /failed (startup|liveness) probe/.test(message ?? ""))
  if (probe !== undefined && state.restartCount > 0) return { kind: "probe", cause: `${tidy(probe.message)}${unhealthy(events)}`, graceMs: 0 }
  if (ended?.reason === "StartError" || ended?.reason === "ContainerCannotRun" || waiting?.reason === "RunContainerError" || waiting?.reason === "CreateContainerError") {
    return { kind: "container", cause: ended === undefined ? described(waiting ?? {}) : endedText(ended, state.restartCount), graceMs: 0 }
  }
  if (waiting?.reason === "CrashLoopBackOff" || (state.restartCount > 1 && ended !== undefined)) {
    return { kind: "crash loop", cause: ended === undefined ? described(waiting ?? {}) : endedText(ended, state.restartCount), graceMs: 0 }
  }
  return readinessSign(state, pod, events)
}

/** The first answer of the registry is told in an event; the back-off that follows no longer says why. */
function imageSign(waiting: StateReason, events: readonly EventObject[]): FaultSign {
  const failed = events.findLast(({ reason, message }) => reason === "Failed" && /^Failed to pull image/.test(message ?? ""))?.message
  const text = failed ?? waiting.message ?? ""
  return { kind: "image", cause: `${waiting.reason}: ${tidy(text)}`, graceMs: IMAGE_WILL_NOT_COME.test(text) ? 0 : GRACE_MS.slowRegistry }
}

/** Started, and yet not ready for as long as its own probe allows. Without a startup probe nobody knows how long a start may take: then the progress deadline rules. */
function readinessSign(state: ContainerState, pod: PodStatusObject, events: readonly EventObject[]): FaultSign | null {
  const { startupProbe, readinessProbe } = pod.spec?.containers?.find(({ name }) => name === state.name) ?? {}
  if (state.ready || state.started !== true || state.state?.running === undefined || startupProbe === undefined || readinessProbe === undefined) return null
  const graceMs = Math.max(GRACE_MS.probeAtLeast, probeMs(readinessProbe))
  return { kind: "probe", cause: `runs but is not ready within ${Math.round(graceMs / 1000)} s of its start${unhealthy(events)}`, graceMs }
}

const probeMs = ({ initialDelaySeconds = 0, periodSeconds = 10, failureThreshold = 3 }: ProbeTiming): number => (initialDelaySeconds + periodSeconds * failureThreshold) * 1000

function unhealthy(events: readonly EventObject[]): string {
  const last = events.findLast(({ reason }) => reason === "Unhealthy")
  return last === undefined ? "" : ` (${tidy(last.message)})`
}

function endedText(ended: EndedState, restarts: number): string {
  const message = ended.message === undefined || ended.message.trim() === "" ? "" : `: ${tidy(ended.message)}`
  return `the container ended with ${ended.exitCode ?? "?"} (${ended.reason ?? "unknown"}${message})${restarts > 0 ? `, ${restarts} restart${restarts === 1 ? "" : "s"}` : ""}`
}

const described = ({ reason = "waiting", message }: StateReason): string => (message === undefined ? reason : `${reason}: ${tidy(message)}`)

/** On one line; of a long text its beginning and its end, for the cause stands last. */
export function tidy(text = ""): string {
  const line = text.replace(/\s+/g, " ").trim()
  return line.length <= TIDY_LENGTH ? line : `${line.slice(0, 100)} … ${line.slice(-(TIDY_LENGTH - 103))}`
}
