import type { Command } from "../../core/config/commands.js"
import type { ServiceConfig } from "../../core/config/services.js"
import { withRecord, type DeploymentRecord } from "../../core/deploy/history.js"
import { helmHistoryArguments, parseHelmHistory, type HelmRelease, type HelmRevision } from "../../core/deploy/helm.js"
import { lastLines, type ExecOutcome } from "../../core/gates/exec.js"
import type { KubeConnection } from "../kube-request.js"
import { changeDeliveryState } from "./delivery-state.js"
import type { HeldLease } from "./lease-holder.js"

/** What a deployment works with; nothing in it knows the engine. */
export interface DeployTools {
  readonly connection: KubeConnection
  readonly release: HelmRelease
  readonly services: readonly ServiceConfig[]
  readonly gatewayUrl: string | null
  /** Runs Helm to its end, whatever its exit code. */
  readonly call: (argv: Command) => Promise<ExecOutcome>
  readonly say: (line: string) => void
  readonly lease: HeldLease
  readonly timeoutSeconds: number
}

/** Helm's revisions; that it cannot be asked is an error. */
export async function helmRevisions({ call, release }: Pick<DeployTools, "call" | "release">): Promise<readonly HelmRevision[]> {
  const history = await call(helmHistoryArguments(release))
  if (history.exitCode === 0) return parseHelmHistory(history.stdout)
  if (/release: not found/.test(history.stderr)) return []
  throw new Error(`helm history: ${lastLines(history.stderr, 3)}`)
}

export async function remember({ connection, release }: Pick<DeployTools, "connection" | "release">, record: DeploymentRecord): Promise<void> {
  await changeDeliveryState(connection, release.namespace, release.name, (state) => ({ ...state, records: withRecord(state.records, record) }))
}

export const now = (): string => new Date().toISOString()
