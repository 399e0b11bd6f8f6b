/** The parts of workloads, pods and events that tell how a roll-out goes. */
interface StatusMetadata {
  readonly name: string
  readonly generation?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly deletionTimestamp?: string
  readonly ownerReferences?: readonly { readonly kind: string; readonly name: string; readonly controller?: boolean }[]
}

export interface StatusCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastUpdateTime?: string
}

export interface WorkloadStatus {
  readonly kind: "Deployment" | "StatefulSet"
  readonly metadata: StatusMetadata
  readonly spec: { readonly replicas?: number }
  readonly status?: {
    readonly observedGeneration?: number
    readonly replicas?: number
    readonly updatedReplicas?: number
    readonly availableReplicas?: number
    readonly updateRevision?: string
    readonly conditions?: readonly StatusCondition[]
  }
}

export interface ReplicaSetStatus {
  readonly metadata: StatusMetadata
}

export interface ProbeTiming {
  readonly initialDelaySeconds?: number
  readonly periodSeconds?: number
  readonly failureThreshold?: number
}

export interface PodStatusObject {
  readonly metadata: StatusMetadata
  readonly spec?: { readonly containers?: readonly { readonly name: string; readonly startupProbe?: ProbeTiming; readonly readinessProbe?: ProbeTiming }[] }
  readonly status?: {
    readonly phase?: string
    readonly conditions?: readonly StatusCondition[]
    readonly initContainerStatuses?: readonly ContainerState[]
    readonly containerStatuses?: readonly ContainerState[]
  }
}

export interface ContainerState {
  readonly name: string
  readonly ready: boolean
  readonly started?: boolean
  readonly restartCount: number
  readonly state?: { readonly waiting?: StateReason; readonly running?: object; readonly terminated?: EndedState }
  readonly lastState?: { readonly terminated?: EndedState }
}
export interface StateReason {
  readonly reason?: string
  readonly message?: string
}
export interface EndedState extends StateReason {
  readonly exitCode?: number
}

export interface EventObject {
  readonly type?: string
  readonly reason?: string
  readonly message?: string
  readonly count?: number
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
  readonly metadata?: { readonly creationTimestamp?: string }
  readonly involvedObject: { readonly kind: string; readonly name: string }
}

/** Everything that one look at a release's namespace shows. */
export interface RolloutSnapshot {
  readonly workloads: readonly WorkloadStatus[]
  readonly replicaSets: readonly ReplicaSetStatus[]
  readonly pods: readonly PodStatusObject[]
  readonly events: readonly EventObject[]
}
