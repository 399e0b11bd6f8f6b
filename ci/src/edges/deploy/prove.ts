import { helmSaid, type HelmRelease } from "../../core/deploy/helm.js"
import { leavingPods } from "../../core/deploy/watch.js"
import type { ExecOutcome } from "../../core/gates/exec.js"
import { judgeSmoke, type SmokeAttempt } from "../../core/gates/smoke.js"
import type { Finding, GateResult } from "../../core/run.js"
import type { KubeConnection } from "../kube-request.js"
import { lookAtRollout, podEvidence, servesNow, type RolloutEnd } from "../rollout.js"
import { smokeAttempts, smokeLog } from "../smoke-attempts.js"
import type { DeployTools } from "./deploy-tools.js"

export interface DeployProblem {
  readonly verdict: "failed" | "error"
  /** What of the reason may leave the run: our own words, nothing that a tool has printed. */
  readonly told: string
  readonly reason: string
  readonly findings: readonly Finding[]
}

export interface HealthProof {
  readonly gate: GateResult
  readonly problem: DeployProblem | null
  readonly attempts: readonly SmokeAttempt[]
  readonly log: string
}

const LEAVING_MS = 30_000
const STOPPED_SERVING = "a pod stopped serving while its answers were being checked"
/** What is told of smoke checks that did not pass; the answers themselves stay in the run. */
const SMOKE_TOLD = { failed: "wrong answers to smoke checks", error: "smoke checks that could not be made" } as const

/** Asks the services as their users do; and then no container may have ended since the roll-out. */
export async function prove({ connection, release, services, gatewayUrl, track }: DeployTools): Promise<HealthProof> {
  await waitForLeaving(connection, release)
  const attempts = await smokeAttempts(services, { connection, gatewayUrl, namespace: release.namespace, release: release.name, ...(track === undefined ? {} : { track }) })
  const gate = judgeSmoke(attempts)
  const log = smokeLog(attempts)
  if (gate.verdict !== "passed") return { gate, attempts, log, problem: smokeProblem(gate) }
  const after = await lookAtRollout(connection, release)
  if (servesNow(after)) return { gate, attempts, log, problem: null }
  return { gate, attempts, log, problem: { verdict: "failed", told: STOPPED_SERVING, reason: STOPPED_SERVING, findings: [] } }
}

export function smokeProblem({ verdict, reason, findings }: GateResult): DeployProblem {
  const kind = verdict === "failed" ? "failed" : "error"
  return { verdict: kind, told: SMOKE_TOLD[kind], reason: `smoke: ${reason}`, findings }
}

/** Until they are gone, pods of the revision before may still get requests. A slow one is not waited for without end. */
async function waitForLeaving(connection: KubeConnection, release: HelmRelease): Promise<void> {
  const giveUp = Date.now() + LEAVING_MS
  while (Date.now() < giveUp && leavingPods(await lookAtRollout(connection, release)).length > 0) await new Promise((resolve) => setTimeout(resolve, 500))
}

export function helmProblem(outcome: ExecOutcome): DeployProblem {
  const said = helmSaid(outcome)
  // A hook of the chart that failed is the release's fault; everything else that stops Helm is not.
  return { verdict: /hook|job .* failed|BackoffLimitExceeded/i.test(said) ? "failed" : "error", told: "helm", reason: `helm: ${said}`, findings: [] }
}

export async function rolloutProblem({ connection, release }: Pick<DeployTools, "connection" | "release">, end: Exclude<RolloutEnd, { kind: "serves" }>): Promise<DeployProblem> {
  if (end.kind === "late") {
    const told = `not rolled out after ${end.seconds} s`
    return { verdict: end.snapshot === null ? "error" : "failed", told, reason: `${told}: ${end.missing}`, findings: [] }
  }
  const { kind, pod, service, workload, cause } = end.fault
  const reason = `${kind}: ${pod === null ? workload : `pod ${pod}`}: ${cause} (after ${end.seconds} s)`
  const evidence = await podEvidence(connection, release.namespace, end.snapshot, pod, workload).catch((error: unknown) => `evidence cannot be read: ${String(error)}`)
  return { verdict: "failed", told: kind, reason, findings: [{ severity: "high", rule: `${service}: ${kind}`, message: `${pod ?? workload}: ${cause}\n${evidence}`, file: null, line: null }] }
}
