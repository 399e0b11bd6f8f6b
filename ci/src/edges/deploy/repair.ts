import { decidePending, releaseOfRevision, type DeploymentRecord } from "../../core/deploy/history.js"
import { helmRollbackArguments, helmUninstallArguments } from "../../core/deploy/helm.js"
import { UsageError } from "../../core/errors.js"
import { lastLines } from "../../core/gates/exec.js"
import { now, remember, type DeployTools } from "./deploy-tools.js"
import { digestOfRevision, helmRevisions } from "./helm-storage.js"
import { readDeliveryState } from "./delivery-state.js"

const PENDING_PAUSE_MS = 3000
const HELM_SECONDS = 60

/** Frees a release that a killed Helm has left in `pending-…`; says what it did, or null when there was nothing to do. */
export async function repairPending(tools: DeployTools): Promise<string | null> {
  const { connection, release, call, lease, say } = tools
  const { records } = await readDeliveryState(connection, release.namespace, release.name)
  const started = Date.now()
  let told = ""
  for (;;) {
    const decision = decidePending(records, await helmRevisions(tools), Date.now() - started)
    if (decision.kind === "none") return null
    const { revision, status } = decision
    const left = `release ${release.name} is ${status}`
    if (left !== told) say(decision.kind === "foreign" ? `${left}, and no run of this module left it so: its Helm is given a minute` : left)
    told = left
    if (decision.kind === "foreign") {
      await new Promise((resolve) => setTimeout(resolve, PENDING_PAUSE_MS))
      continue
    }
    lease.assertHeld()
    const repair = await call(decision.kind === "rollback" ? helmRollbackArguments(release, decision.revision, HELM_SECONDS) : helmUninstallArguments(release, HELM_SECONDS))
    if (repair.exitCode !== 0) throw new UsageError(`release ${release.name} is ${status} at revision ${revision}, and cannot be repaired: ${lastLines(repair.stderr, 2)}`)
    if (decision.kind === "rollback") await rememberRepair(tools, records, revision, status)
    return decision.kind === "rollback" ? `a release that was ${status} was rolled back to revision ${revision} first` : `a first installation that was ${status} was uninstalled first`
  }
}

/** What the repair wrote is this run's, and nobody's by hand. */
async function rememberRepair(tools: DeployTools, records: readonly DeploymentRecord[], target: number, status: string): Promise<void> {
  const made = (await helmRevisions(tools)).at(-1)?.revision ?? null
  const at = now()
  await remember(tools, { kind: "rollback", runId: tools.lease.holder, revision: made, ...releaseOfRevision(records, target), objects: await digestOfRevision(tools, made), startedAt: at, endedAt: at, outcome: "repaired", reason: `${status}, freed by going back to revision ${target}` })
}
