import type { ErrorJudgement } from "../../core/deploy/error-look.js"
import { captureRevision, type DeploymentRecord } from "../../core/deploy/history.js"
import { helmUpgradeArguments } from "../../core/deploy/helm.js"
import type { RolloutSnapshot } from "../../core/deploy/kube-status.js"
import { errorGate, failedGate, passedGate } from "../../core/gates/gate.js"
import { checkedServices, type SmokeAttempt } from "../../core/gates/smoke.js"
import type { GateResult } from "../../core/run.js"
import { lookAtRollout, servesNow, watchUntilServing } from "../rollout.js"
import { syncRouteIfOurs } from "../canary/track-route.js"
import { readDeliveryState } from "./delivery-state.js"
import { now, remember, type DeployTools } from "./deploy-tools.js"
import { digestOfRevision, helmRevisions } from "./helm-storage.js"
import { errorBaseline, lookAtErrors, type ErrorBaseline } from "./error-look.js"
import { helmProblem, prove, rolloutProblem, type DeployProblem, type HealthProof } from "./prove.js"
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
  /** What was asked to prove it, of the way back too. */
  readonly proof: string
  /** The checks that the new release has passed; null when it did not get that far. */
  readonly proven: readonly SmokeAttempt[] | null
  /** Null when no way back was needed. */
  readonly wayBack: WayBack | null
}

/** A deployment that is about to write: what it may go back to, and the record that says that it runs. */
export interface OpenDeployment {
  readonly captured: number | null
  readonly before: RolloutSnapshot
  readonly record: DeploymentRecord
  /** What was repaired first; null when nothing was. */
  readonly repaired: string | null
  /** The errors of the minute before, or why nobody looks at them; null before the first release. */
  readonly errors: ErrorBaseline | string | null
}

/** How a release that was written turned out. */
export interface DeploymentEnd {
  readonly problem: DeployProblem | null
  readonly words: string
  readonly proof: HealthProof | null
}

/** Upgrades, watches, proves; whatever fails after the first write ends on the captured revision, proven again. */
export async function carryOut(tools: DeployTools, deployment: Deployment): Promise<CarriedOut> {
  const open = await openDeployment(tools, deployment)
  const timeoutSeconds = Math.round(tools.timeoutSeconds * ROLLOUT_SHARE)
  tools.lease.assertHeld()
  const upgrade = await tools.call(helmUpgradeArguments(tools.release, timeoutSeconds))
  const written = await recordRevision(tools, open)
  const end = upgrade.exitCode === 0 ? await watchAndProve(tools, written, deployment.workloads, timeoutSeconds) : { problem: helmProblem(upgrade), words: "", proof: null }
  return closeDeployment(tools, written, end)
}

/** Repairs what a killed Helm left, captures the revision to go back to, and writes down that this run deploys. */
export async function openDeployment(tools: DeployTools, { workloads: _, ...deployment }: Deployment): Promise<OpenDeployment> {
  const { connection, release, errors: source } = tools
  const repaired = await repairPending(tools)
  const [revisions, before, { records }] = await Promise.all([helmRevisions(tools), lookAtRollout(connection, release), readDeliveryState(connection, release.namespace, release.name)])
  const captured = captureRevision(records, revisions, servesNow(before))
  // Before the first release nobody asks for anything.
  const errors = captured === null ? null : source === null ? "errors not judged: the environment has no `prometheus`" : await errorBaseline(source, release)
  const record: DeploymentRecord = { ...deployment, kind: "deploy", revision: null, objects: null, checks: checkedServices(tools.services), startedAt: now(), endedAt: null, outcome: "running", reason: "" }
  await remember(tools, record)
  return { captured, before, record, repaired, errors }
}

/** Before any watch: a run that is killed then must not leave a revision that nobody knows of. */
export async function recordRevision(tools: DeployTools, open: OpenDeployment): Promise<OpenDeployment> {
  await syncRouteIfOurs(tools.connection, tools.release)
  const revision = (await helmRevisions(tools)).at(-1)?.revision ?? null
  const record = { ...open.record, revision, objects: await digestOfRevision(tools, revision) }
  await remember(tools, record)
  return { ...open, record }
}

async function watchAndProve(tools: DeployTools, { before, errors }: OpenDeployment, expected: readonly string[], timeoutSeconds: number): Promise<DeploymentEnd> {
  const { connection, release, say } = tools
  const watched = await watchUntilServing(connection, release, { before, expected, timeoutSeconds, say })
  if (watched.kind !== "serves") return { problem: await rolloutProblem(tools, watched), words: "", proof: null }
  // Beside the other checks: what users get from now on is the new release's, also while old pods are on their way out.
  const looking: Promise<ErrorJudgement> = errors === null || typeof errors === "string" ? Promise.resolve({ bad: false, text: errors ?? "" }) : lookAtErrors(errors, release)
  const proving = prove(tools)
  // Users who get errors do not wait for the last check.
  const early = await Promise.race([proving.then(() => null), looking.then((look) => (look.bad ? look : proving.then(() => null)))])
  if (early !== null) return { problem: errorProblem(early), words: "", proof: null }
  const proof = await proving
  if (proof.problem !== null) return { problem: proof.problem, words: "", proof }
  const look = await looking
  const words = [`after ${watched.seconds} s`, proof.gate.reason, ...(look.text === "" ? [] : [look.text])].join("; ")
  return { problem: look.bad ? errorProblem(look) : null, words, proof }
}

function errorProblem({ text }: ErrorJudgement): DeployProblem {
  return { verdict: "failed", told: "error rate", reason: text, findings: [{ severity: "high", rule: "errors: error rate", message: text, file: null, line: null }] }
}

/** Records a release that was proven, or takes it back. */
export async function closeDeployment(tools: DeployTools, { captured, record, repaired }: OpenDeployment, { problem, words, proof }: DeploymentEnd): Promise<CarriedOut> {
  const { release, say } = tools
  const note = repaired === null ? "" : `; ${repaired}`
  if (problem === null) {
    await remember(tools, { ...record, endedAt: now(), outcome: "healthy" })
    return { gate: passedGate(`revision ${record.revision} of ${release.name} serves in ${release.namespace} ${words}${note}`), proof: proof?.log ?? "", proven: proof?.attempts ?? null, wayBack: null }
  }
  say(`${problem.reason}; going back`)
  await remember(tools, { ...record, endedAt: now(), outcome: "failed", reason: problem.reason })
  const wayBack = await goBack(tools, captured, record.runId)
  const reason = `${problem.reason}; ${wayBack.text}${note}`
  const gate = problem.verdict === "failed" && wayBack.proven ? failedGate(reason, problem.findings) : errorGate(reason, problem.findings)
  return { gate, proof: `${proof?.log ?? ""}${wayBack.proof}`, proven: null, wayBack }
}
