/** What one pod of the target needed during the load. Null where nothing says so. */
export interface PodLoad {
  readonly pod: string
  readonly meanCores: number | null
  readonly mostCores: number | null
  readonly startMebibytes: number | null
  readonly mostMebibytes: number | null
  readonly restarts: number | null
}

export interface ServerSide {
  readonly rows: readonly PodLoad[]
  /** Where it comes from, or why there is nothing. */
  readonly reason: string | null
}
