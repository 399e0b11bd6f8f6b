import { helmRollbackArguments, helmUninstallArguments } from "../../core/deploy/helm.js"
import { releaseOfRevision, type DeploymentRecord } from "../../core/deploy/history.js"
import { lastLines } from "../../core/gates/exec.js"
import { lookAtRollout, watchUntilServing } from "../rollout.js"
import { syncRouteIfOurs } from "../canary/track-route.js"
import { readDeliveryState } from "./delivery-state.js"
import { now, remember, type DeployTools } from "./deploy-tools.js"
import { digestOfRevision, helmRevisions } from "./helm-storage.js"
import { prove, rolloutProblem } from "./prove.js"

const UNINSTALL_SECONDS = 60
const WAY_BACK_SHARE = 0.4

/** How the way back ended. */
export interface WayBack {
  /** The environment is where it was before, and that was proven. */
  readonly proven: boolean
  readonly text: string
  readonly proof: string
}

/** To the captured revision, which must prove itself again; a first installation is taken away. */
export async function goBack(tools: DeployTools, revision: number | null, runId: string): Promise<WayBack> {
  try {
    tools.lease.assertHeld()
    const back = revision === null ? await uninstall(tools) : await rollBack(tools, revision, runId)
    return back.proven ? back : { ...back, text: `AND THE WAY BACK FAILED: ${back.text}` }
  } catch (error) {
    return { proven: false, text: `AND THE WAY BACK FAILED: ${error instanceof Error ? error.message : String(error)}`, proof: "" }
  }
}

async function uninstall({ call, release }: DeployTools): Promise<WayBack> {
  const gone = await call(helmUninstallArguments(release, UNINSTALL_SECONDS))
  if (gone.exitCode !== 0 && !/release: not found/.test(gone.stderr)) return { proven: false, text: `helm uninstall: ${lastLines(gone.stderr, 2)}`, proof: "" }
  return { proven: true, text: "no revision before it was healthy, so the first installation was uninstalled", proof: "" }
}

/** Rolls back with Helm, watches and proves; the record says so, in the cluster. */
export async function rollBack(tools: DeployTools, revision: number, runId: string): Promise<WayBack> {
  const { connection, release, call, say } = tools
  const timeoutSeconds = Math.round(tools.timeoutSeconds * WAY_BACK_SHARE)
  const before = await lookAtRollout(connection, release)
  const { records } = await readDeliveryState(connection, release.namespace, release.name)
  const record: DeploymentRecord = {
    ...releaseOfRevision(records, revision), objects: null,
    kind: "rollback", runId, revision: null, startedAt: now(), endedAt: null, outcome: "running", reason: `to revision ${revision}`,
  }
  await remember(tools, record)
  say(`rolling back to revision ${revision}`)
  const back = await call(helmRollbackArguments(release, revision, timeoutSeconds))
  const made = (await helmRevisions(tools)).at(-1)?.revision ?? null
  const written = { ...record, revision: made, objects: await digestOfRevision(tools, made) }
  const failed = async (why: string, proof: string): Promise<WayBack> => {
    await remember(tools, { ...written, endedAt: now(), outcome: "failed", reason: `to revision ${revision}: ${why}` })
    return { proven: false, text: `revision ${revision}: ${why}`, proof }
  }
  await syncRouteIfOurs(connection, release)
  if (back.exitCode !== 0) return failed(`helm rollback: ${lastLines(back.stderr, 2)}`, "")
  const end = await watchUntilServing(connection, release, { before, expected: [], timeoutSeconds, say })
  if (end.kind !== "serves") return failed((await rolloutProblem(tools, end)).reason, "")
  // Checks that came with a later release may ask for what this one does not have.
  const { problem, log } = await prove(record.checks.length === 0 ? tools : { ...tools, services: record.checks })
  if (problem !== null) return failed(problem.reason, log)
  await remember(tools, { ...written, endedAt: now(), outcome: "healthy" })
  return { proven: true, text: `rolled back to revision ${revision} (now revision ${made}), which was proven healthy again after ${end.seconds} s`, proof: log }
}
