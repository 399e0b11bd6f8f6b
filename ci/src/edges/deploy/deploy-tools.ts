import type { Command } from "../../core/config/commands.js"
import { withRecord, type DeploymentRecord } from "../../core/deploy/history.js"
import type { HelmRelease } from "../../core/deploy/helm.js"
import type { ExecOutcome } from "../../core/gates/exec.js"
import type { CheckedService } from "../../core/gates/smoke.js"
import type { KubeConnection } from "../kube-request.js"
import type { ErrorSource } from "./error-look.js"
import { changeDeliveryState } from "./delivery-state.js"
import type { HeldLease } from "./lease-holder.js"

/** What a deployment works with; nothing in it knows the engine. */
export interface DeployTools {
  readonly connection: KubeConnection
  readonly release: HelmRelease
  readonly services: readonly CheckedService[]
  readonly gatewayUrl: string | null
  /** Ask the Services of this track, where the plain ones lead to another. */
  readonly track?: string
  /** Null where the environment has no metrics. */
  readonly errors: ErrorSource | null
  /** Runs Helm to its end, whatever its exit code. */
  readonly call: (argv: Command) => Promise<ExecOutcome>
  readonly say: (line: string) => void
  readonly lease: HeldLease
  readonly timeoutSeconds: number
}

export async function remember({ connection, release }: Pick<DeployTools, "connection" | "release">, record: DeploymentRecord): Promise<void> {
  await changeDeliveryState(connection, release.namespace, release.name, (state) => ({ ...state, records: withRecord(state.records, record) }))
}

export const now = (): string => new Date().toISOString()
