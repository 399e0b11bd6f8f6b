import { captureRevision, type DeploymentRecord } from "../../core/deploy/history.js"
import { helmUpgradeArguments } from "../../core/deploy/helm.js"
import { errorGate, failedGate, passedGate } from "../../core/gates/gate.js"
import type { GateResult } from "../../core/run.js"
import { lookAtRollout, servesNow, watchUntilServing } from "../rollout.js"
import { readDeliveryState } from "./delivery-state.js"
import { helmRevisions, now, remember, type DeployTools } from "./deploy-tools.js"
import { helmProblem, prove, rolloutProblem } from "./prove.js"
import { repairPending } from "./repair.js"
import { goBack, type WayBack } from "./way-back.js"

// Of what is left of the stage's time; the way back needs some too.
const ROLLOUT_SHARE = 0.5

/** What is deployed, for the record. */
export interface Deployment {
  readonly runId: string
  readonly commit: string
  readonly images: Readonly<Record<string, string>>
  readonly content: string
  readonly plan: string | null
  readonly approvedBy: string | null
  /** Names of the workloads that the chart renders. */
  readonly workloads: readonly string[]
}

export interface CarriedOut {
  readonly gate: GateResult
  /** What was asked to prove it. */
  readonly proof: string
  /** Null when no way back was needed. */
  readonly wayBack: WayBack | null
}

/** Upgrades, watches, proves; whatever fails after the first write ends on the captured revision, proven again. */
export async function carryOut(tools: DeployTools, deployment: Deployment): Promise<CarriedOut> {
  const { connection, release, call, lease, say } = tools
  const repaired = await repairPending(tools)
  const revisions = await helmRevisions(tools)
  const before = await lookAtRollout(connection, release)
  const { records } = await readDeliveryState(connection, release.namespace, release.name)
  const captured = captureRevision(records, revisions, servesNow(before))
  const { runId, commit, images, content, plan, approvedBy } = deployment
  const record: DeploymentRecord = { kind: "deploy", runId, revision: null, commit, images, content, plan, approvedBy, startedAt: now(), endedAt: null, outcome: "running", reason: "" }
  await remember(tools, record)
  const timeoutSeconds = Math.round(tools.timeoutSeconds * ROLLOUT_SHARE)

  lease.assertHeld()
  const upgrade = await call(helmUpgradeArguments(release, timeoutSeconds))
  const revision = (await helmRevisions(tools)).at(-1)?.revision ?? null
  // Before the watch: a run that is killed now must not leave a revision that nobody knows of.
  await remember(tools, { ...record, revision })
  const watched = upgrade.exitCode === 0 ? await watchUntilServing(connection, release, { before, expected: deployment.workloads, timeoutSeconds, say }) : null
  const proof = watched?.kind === "serves" ? await prove(tools) : null
  const problem = watched === null ? helmProblem(upgrade) : watched.kind === "serves" ? proof?.problem ?? null : await rolloutProblem(tools, watched)
  const note = repaired === null ? "" : `; ${repaired}`
  if (problem === null) {
    await remember(tools, { ...record, revision, endedAt: now(), outcome: "healthy" })
    return { gate: passedGate(`revision ${revision} of ${release.name} serves in ${release.namespace} after ${watched?.seconds ?? 0} s; ${proof?.gate.reason ?? ""}${note}`), proof: proof?.log ?? "", wayBack: null }
  }
  say(`${problem.reason}; going back`)
  await remember(tools, { ...record, revision, endedAt: now(), outcome: "failed", reason: problem.reason })
  const wayBack = await goBack(tools, captured, runId)
  const reason = `${problem.reason}; ${wayBack.text}${note}`
  const gate = problem.verdict === "failed" && wayBack.proven ? failedGate(reason, problem.findings) : errorGate(reason, problem.findings)
  return { gate, proof: `${proof?.log ?? ""}${wayBack.proof}`, wayBack }
}
