import { decideApproval, APPROVAL_HOURS, missingApprovalGate, withApproval, type ApprovalDecision } from "../../core/deploy/approval.js"
import { planRefusal } from "../../core/deploy/deploy-plan.js"
import { imageRefs } from "../../core/release.js"
import { errorGate, passedGate } from "../../core/gates/gate.js"
import type { Command } from "../../core/config/commands.js"
import type { EnvironmentConfig } from "../../core/config/environments.js"
import type { ErrorSource } from "../deploy/error-look.js"
import { draftOf } from "../canary/captured-revision.js"
import { leadEnvironment } from "../canary/lead-environment.js"
import { refuseColour, refuseUnfinished } from "../canary/unfinished.js"
import { carryOut } from "../deploy/carry-out.js"
import { changeDeliveryState, readDeliveryState, stateName } from "../deploy/delivery-state.js"
import type { DeployTools } from "../deploy/deploy-tools.js"
import { checkNamespace, createNamespace } from "../deploy/kube-client.js"
import { takeLease } from "../deploy/lease-holder.js"
import { standingPlan } from "../deploy/standing-plan.js"
import { tell } from "../notify.js"
import { commandLog, nextNonce, runCommand, textFile, uncached, type ExecResult } from "../exec.js"
import { helmTools, type HelmTools } from "../helm-release.js"
import { environmentOf, limits, type PlannedDeploy, type Run, type StageOutput, type StageWork } from "../run.js"
import type { PlannedStage } from "../../core/plan.js"
import { verifyBeforeWrite } from "../verified-release.js"

// A deployment takes minutes at most: who waits longer than this is told who holds the environment.
const LEASE_WAIT_SECONDS = 120
// As the SLO of a strategy that names none.
const DEFAULT_ERROR_RATE = 0.01

/** Applies the plan, watches and proves; whatever fails after the first write ends on the last healthy revision. */
export const deploy: StageWork = async (run, planned) => {
  const verified = await verifyBeforeWrite(run, planned)
  if (verified.stop !== null) return verified.stop
  const environment = environmentOf(run, planned)
  const { plan: askedPlan, approvedBy } = run.deployOptions
  const tools = await helmTools(run, planned)
  const { connection } = tools.target
  const { release } = tools
  const place = { environment: environment.name, namespace: release.namespace, project: run.checkout.config.project, credential: environment.kubeconfig ?? "the call" }
  const exists = await checkNamespace(connection, place)
  const before = await standingPlan(run, planned, tools, exists, run.plans.get(environment.name) ?? null)
  const refusal = askedPlan === "" ? null : planRefusal(askedPlan, before.current.hash)
  if (refusal !== null) return { gate: errorGate(refusal) }
  const recorded = exists ? (await readDeliveryState(connection, release.namespace, release.name)).approvals : []
  const required = environment.approval === "required"
  const approval = decideApproval({ environment: environment.name, required, plan: before.current.hash, askedPlan, approvedBy, recorded, now: new Date().toISOString() })
  if (approval.kind === "missing") return { gate: missingApprovalGate(approval.reason) }

  const say = (line: string): void => console.log(`deploy (${environment.name}): ${line}`)
  if (!exists) await createNamespace(connection, place)
  const lease = await takeLease(connection, { namespace: release.namespace, name: stateName(release.name), holder: run.header.runId, waitSeconds: LEASE_WAIT_SECONDS, say })
  const log: ExecResult[] = []
  try {
    // Somebody else may have written until now: what was asked for or approved is that one plan.
    const { current, unfinished } = await standingPlan(run, planned, tools, true, before.made)
    const bound = askedPlan !== "" || required ? planRefusal(before.current.hash, current.hash) : null
    if (bound !== null) return { gate: errorGate(bound) }
    const by = await recordApproval(tools, approval, current.hash)
    const led = await besideWhatRuns(run, planned, tools, current, by, unfinished)
    if (led !== null) return led
    const call = async (argv: Command): Promise<ExecResult> => {
      const result = await runCommand(uncached(tools.container, nextNonce(run.header.runId)), argv, limits(run, planned))
      log.push(result)
      return result
    }
    const images = imageRefs(tools.deployed)
    const deployTools: DeployTools = { connection, release, services: Object.values(run.checkout.config.services), gatewayUrl: tools.target.ownGatewayUrl, errors: errorSource(tools.target.ownPrometheusUrl, environment), call, say, lease, timeoutSeconds: planned.timeoutSeconds }
    const notice = { project: place.project, environment: environment.name, stage: null, cause: null, commit: tools.deployed.commit, runId: run.header.runId }
    const started = tell(run, { ...notice, event: "started" })
    const { gate, proof, proven, wayBack } = await carryOut(deployTools, { runId: run.header.runId, commit: tools.deployed.commit, images, content: current.content, plan: current.hash, approvedBy: by, workloads: current.workloads })
    if (proven !== null) run.proven.set(environment.name, proven)
    if (wayBack !== null) await tell(run, { ...notice, event: wayBack.proven ? "rolled-back" : "critical" })
    await started
    run.rolledOut.add(environment.name)
    return { gate, evidence: textFile(`logs/deploy-${environment.name}.log`, `${commandLog(log)}\n${proof}`) }
  } finally {
    await lease.release()
  }
}

/** What users are promised, by the words that delivery.yaml has for it. */
function errorSource(prometheusUrl: string | null, { strategy, budgets }: EnvironmentConfig): ErrorSource | null {
  const promised = strategy.kind === "rolling" ? budgets.errorRate : strategy.slo.errorRate
  return prometheusUrl === null ? null : { prometheusUrl, errorRate: promised ?? DEFAULT_ERROR_RATE }
}

/** With a strategy that moves traffic: the new release on a track of its own, at weight 0. Null where it is rolled out: by strategy, or as the first of all. */
async function besideWhatRuns(run: Run, planned: PlannedStage, tools: HelmTools, current: PlannedDeploy, approvedBy: string | null, unfinished: boolean): Promise<StageOutput | null> {
  const { name, strategy } = environmentOf(run, planned)
  const { connection } = tools.target
  if (strategy.kind === "rolling") {
    await refuseUnfinished(connection, tools.release, name)
    await refuseColour(connection, tools.release, name)
    return null
  }
  const draft = await draftOf(run, planned, tools, true)
  if (draft === null) return null
  const { records } = await readDeliveryState(connection, tools.release.namespace, tools.release.name)
  const last = records.at(-1)
  if (!unfinished && last?.outcome === "healthy" && last.content === current.content) {
    run.upToDate.add(name)
    return { gate: passedGate(`revision ${last.revision} runs this release already: nothing was changed`) }
  }
  return leadEnvironment(run, planned, tools, { draft, current, approvedBy, untilWeight: true })
}

/** Who approved it. What this call approves is written down before anything else. */
async function recordApproval({ target, release }: HelmTools, approval: Exclude<ApprovalDecision, { kind: "missing" }>, plan: string): Promise<string | null> {
  if (approval.kind === "not-required") return null
  if (approval.kind === "recorded") return approval.approval.approvedBy
  const at = Date.now()
  const expiresAt = new Date(at + APPROVAL_HOURS * 3_600_000).toISOString()
  const given = { plan, approvedBy: approval.approvedBy, approvedAt: new Date(at).toISOString(), expiresAt }
  await changeDeliveryState(target.connection, release.namespace, release.name, (state) => ({ ...state, approvals: withApproval(state.approvals, given) }))
  return given.approvedBy
}
