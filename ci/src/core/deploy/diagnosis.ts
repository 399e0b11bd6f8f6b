import type { Finding } from "../run.js"

/** The parts of a pod that tell why it does not serve. */
interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
    readonly status: {
      readonly phase?: string
      readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[]
      readonly containerStatuses?: readonly ContainerStatus[]
    }
  }[]
}
interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly restartCount: number
  readonly state?: { readonly waiting?: Reason; readonly terminated?: Reason & { readonly exitCode?: number } }
  readonly lastState?: { readonly terminated?: Reason & { readonly exitCode?: number } }
}
interface Reason {
  readonly reason?: string
  readonly message?: string
}
interface EventList {
  readonly items: readonly {
    readonly type?: string
    readonly reason?: string
    readonly message?: string
    readonly lastTimestamp?: string | null
    readonly involvedObject: { readonly kind: string; readonly name: string }
  }[]
}

/** A pod that does not serve, and why. */
export interface SickPod {
  readonly pod: string
  readonly service: string
  readonly cause: string
}

/** The pods that do not serve, each with the most telling cause that the cluster knows. */
export function sickPods(podsJson: string, eventsJson: string): readonly SickPod[] {
  const pods = JSON.parse(podsJson) as PodList
  const events = JSON.parse(eventsJson) as EventList
  return pods.items
    .filter(({ status }) => status.phase !== "Succeeded" && status.conditions?.find(({ type }) => type === "Ready")?.status !== "True")
    .map(({ metadata, status }) => {
      const warning = events.items.findLast(({ type, involvedObject }) => type === "Warning" && involvedObject.kind === "Pod" && involvedObject.name === metadata.name)
      const unscheduled = status.conditions?.find(({ type, status: state }) => type === "PodScheduled" && state === "False")
      const said = warning === undefined ? null : `${warning.reason}: ${warning.message}`
      const cause = status.containerStatuses?.map(containerCause).find((found) => found !== null) ?? said ?? unscheduled?.message ?? `phase ${status.phase ?? "unknown"}`
      return {
        pod: metadata.name,
        service: metadata.labels?.["app.kubernetes.io/component"] ?? metadata.name,
        cause: said === null || cause === said ? cause : `${cause} (${said})`,
      }
    })
}

/** What could not be started says so in the message alone: there is no log. */
function said({ message }: Reason): string {
  return message === undefined || message.trim() === "" ? "" : `: ${message.replace(/\s+/g, " ").trim().slice(0, 300)}`
}

function containerCause({ ready, restartCount, state, lastState }: ContainerStatus): string | null {
  const ended = state?.terminated ?? lastState?.terminated
  const restarts = restartCount > 0 ? `, ${restartCount} restarts` : ""
  if (ended !== undefined) return `the container ended with ${ended.exitCode ?? "?"} (${ended.reason ?? "unknown"}${said(ended)})${restarts}`
  if (state?.waiting !== undefined) return `${state.waiting.reason ?? "waiting"}${state.waiting.message === undefined ? "" : `: ${state.waiting.message}`}`
  return ready ? null : `runs but is not ready${restarts}`
}

/** One finding for each sick pod, with the end of its log. */
export function sickPodFindings(pods: readonly SickPod[], logs: ReadonlyMap<string, string>): readonly Finding[] {
  return pods.map(({ pod, service, cause }) => ({
    severity: "high",
    rule: `${service}: pod ${pod}`,
    message: `${cause}${logs.get(pod)?.trim() ? `\nlast log lines:\n${logs.get(pod)?.trimEnd()}` : "\nno log lines"}`,
    file: null,
    line: null,
  }))
}
