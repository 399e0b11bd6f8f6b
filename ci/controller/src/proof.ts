import type { ServiceConfig } from "../../src/core/config/services.js"
import type { HelmRelease } from "../../src/core/deploy/helm.js"
import type { RolloutSnapshot } from "../../src/core/deploy/kube-status.js"
import type { CheckedService } from "../../src/core/gates/smoke.js"
import type { DeployTools } from "../../src/edges/deploy/deploy-tools.js"
import type { HeldLease } from "../../src/edges/deploy/lease-holder.js"
import { prove, rolloutProblem, type DeployProblem } from "../../src/edges/deploy/prove.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"
import { lookAtRollout, watchUntilServing } from "../../src/edges/rollout.js"
import type { Helm } from "./helm.js"
import { insist } from "./insist.js"
import { DONE, type StepOutcome } from "./ports.js"

const READY_SECONDS = 300

export interface ProofParts {
  readonly connection: KubeConnection
  readonly helm: Helm
  readonly services: readonly ServiceConfig[]
  readonly lease: HeldLease
  readonly say: (line: string) => void
}

/** What is not proven ends a step, by whose fault it is. */
export function unproven({ verdict, told, reason }: Pick<DeployProblem, "verdict" | "told" | "reason">, ofRelease = verdict === "failed"): StepOutcome {
  return { kind: "impossible", fault: ofRelease ? "release" : "surroundings", told, reason }
}

/** Whether pods serve and answer as they should, and whose fault it is when they do not. */
export class Proof {
  #before: RolloutSnapshot | null = null
  readonly #told = new Map<string, string>()

  constructor(readonly parts: ProofParts) {}

  get #release(): HelmRelease {
    return this.parts.helm.release
  }

  look(): Promise<RolloutSnapshot> {
    return insist(() => lookAtRollout(this.parts.connection, this.#release))
  }

  /** What comes after this moment is new. */
  async begin(): Promise<void> {
    this.#before = await this.look()
  }

  /** Until all workloads serve. What is wrong with one that the release does not change is no fault of it. */
  async serving(expected: readonly string[], ofRelease: (workload: string) => boolean, broken?: AbortSignal): Promise<StepOutcome> {
    const { connection, say } = this.parts
    const before = this.#before ?? (await this.look())
    const end = await watchUntilServing(connection, this.#release, { before, expected, timeoutSeconds: READY_SECONDS, say: (line) => this.#tell(line), ...(broken === undefined ? {} : { broken }) })
    if (end.kind === "serves") return DONE
    const problem = await rolloutProblem({ connection, release: this.#release }, end)
    for (const { message } of problem.findings) say(message)
    const fault = end.kind === "late" ? problem.verdict === "failed" : ofRelease(end.fault.workload)
    return unproven(problem, fault)
  }

  /** Pods and smoke checks, `services` as that release was checked; `track`: asked directly, without the gateway. */
  async proven(gatewayUrl: string | null, { services = this.parts.services, track }: { readonly services?: readonly CheckedService[]; readonly track?: string } = {}): Promise<StepOutcome> {
    const { connection, helm, say, lease } = this.parts
    // Errors are judged by the rollout itself.
    const tools: DeployTools = { connection, release: this.#release, services, gatewayUrl, errors: null, call: helm.call, say, lease, timeoutSeconds: READY_SECONDS, ...(track === undefined ? {} : { track }) }
    const { problem } = await insist(() => prove(tools))
    return problem === null ? DONE : unproven(problem)
  }

  /** What each look at the same workloads begins with is told once. */
  #tell(line: string): void {
    const [workload = ""] = line.split(":")
    if (this.#told.get(workload) !== line) this.parts.say(line)
    this.#told.set(workload, line)
  }
}
