/** What this module reads of SonarQube's answers. */
export interface SonarTask {
  readonly status: string
  readonly analysisId?: string
  readonly errorMessage?: string
}

export interface GateCondition {
  readonly status: string
  readonly metricKey: string
  readonly comparator: string
  readonly errorThreshold?: string
  readonly actualValue?: string
}

export interface GateStatus {
  readonly status: string
  readonly conditions: readonly GateCondition[]
}

export interface SonarIssue {
  readonly rule: string
  readonly severity?: string
  readonly component: string
  readonly line?: number
  readonly message: string
  readonly impacts?: readonly { readonly severity: string }[]
}

/** Where an analysis stands: null while it waits or runs. */
export function endedTask(task: SonarTask): SonarTask | null {
  return task.status === "PENDING" || task.status === "IN_PROGRESS" ? null : task
}
