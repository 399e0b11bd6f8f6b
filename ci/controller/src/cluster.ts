import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { judgeSmoke, type CheckedService } from "../../src/core/gates/smoke.js"
import type { ServiceConfig } from "../../src/core/config/services.js"
import type { RolloutSnapshot } from "../../src/core/deploy/kube-status.js"
import type { HeldLease } from "../../src/edges/deploy/lease-holder.js"
import type { DeployTools } from "../../src/edges/deploy/deploy-tools.js"
import { prove, rolloutProblem } from "../../src/edges/deploy/prove.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"
import { lookAtRollout, watchUntilServing } from "../../src/edges/rollout.js"
import { smokeAttempts } from "../../src/edges/smoke-attempts.js"
import { trackOverlay, liveOverlay, type TrackServices } from "../../src/core/canary/track-values.js"
import type { RolloutFacts } from "../../src/core/canary/stored-rollout.js"
import { deploymentName, splitServices } from "../../src/core/canary/track-pods.js"
import { NGINX_LEGACY } from "../../src/core/route/canary-ingress.js"
import { CARRIERS, carrierNames } from "../../src/core/route/carriers.js"
import type { Helm } from "./helm.js"
import { insist } from "./insist.js"
import { PodRatio } from "./pod-ratio.js"
import { scaleTrackPods } from "./scale.js"
import { DONE, type RolloutCluster, type StepOutcome } from "./ports.js"
import { DEADLINE_SECONDS, serverTime, TrackRoute } from "../../src/edges/canary/track-route.js"
import type { ClusterRollout } from "../../src/edges/canary/rollout-store.js"
import { trackEvidence } from "./evidence.js"

const RENEW_MS = 10_000
const READY_SECONDS = 300

export interface ClusterParts {
  readonly connection: KubeConnection
  readonly helm: Helm
  readonly store: ClusterRollout
  readonly facts: RolloutFacts
  readonly services: readonly ServiceConfig[]
  readonly gatewayUrl: string | null
  /** What the track's pods get, by service; empty where a rollout is only taken back. */
  readonly trackServices: TrackServices
  readonly folder: string
  readonly lease: HeldLease
  readonly say: (line: string) => void
}

/** Moves a release's pods by Helm and its traffic by the HTTPRoute. */
export class HelmCluster implements RolloutCluster {
  readonly #route: TrackRoute
  /** Null where a router carries the weight. */
  readonly #ratio: PodRatio | null
  #facts: RolloutFacts
  #before: RolloutSnapshot | null = null
  #armed = false
  #told = new Map<string, string>()
  readonly #timer: NodeJS.Timeout

  constructor(readonly parts: ClusterParts) {
    const { connection, helm, facts, services, say } = parts
    const { namespace, name } = helm.release
    const router = facts.router ?? "gateway"
    const split = splitServices(services, facts.services)
    this.#facts = facts
    this.#route = new TrackRoute(connection, namespace, CARRIERS[router], carrierNames(router, name, facts.track, split))
    this.#ratio = router === "replicas" ? new PodRatio(name, facts, split, say) : null
    if (router === "nginx") say(NGINX_LEGACY)
    this.#timer = setInterval(() => void this.#renew(), RENEW_MS)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  readonly clock = async (): Promise<number> => (await insist(() => serverTime(this.parts.connection))) / 1000

  async scaleTrack(weightPercent: number): Promise<StepOutcome> {
    const { helm, folder } = this.parts
    await this.#mayWrite()
    this.#before = await this.#look()
    if (this.#facts.withTrack === null) {
      const running = await helm.valuesOf(this.#facts.captured, join(folder, "running-values.json"))
      // Its rules are ours before Helm lets go of them.
      await insist(() => this.#route.sync())
      await this.#keepRevision(await helm.upgrade([running, this.#overlay()]))
      await insist(() => this.#route.sync())
    }
    const live = await this.#look()
    const { pods, outcome } = this.#ratio === null ? { pods: {}, outcome: DONE } : this.#ratio.wanted(weightPercent, live)
    if (outcome.kind === "done" && this.#facts.track === "canary") await scaleTrackPods(this.parts.connection, helm.release, live, { facts: this.#facts, weightPercent, exact: pods })
    return outcome
  }

  async carried(weightPercent: number): Promise<StepOutcome> {
    return this.#ratio === null ? DONE : this.#ratio.carried(weightPercent, await this.#look())
  }

  async awaitReady(): Promise<StepOutcome> {
    const { track, services } = this.#facts
    return this.#serving(services.map((service) => deploymentName(this.parts.helm.release.name, service, track)), (workload) => workload.endsWith(`-${track}`))
  }

  async smoke(): Promise<StepOutcome> {
    const { connection, services, helm } = this.parts
    const { track } = this.#facts
    // Without a router no way leads to the track alone, but for its own Service.
    const gatewayUrl = this.#ratio === null ? this.parts.gatewayUrl : null
    const own = services.filter(({ name }) => this.#facts.services.includes(name))
    const gate = judgeSmoke(await smokeAttempts(own, { connection, gatewayUrl, namespace: helm.release.namespace, release: helm.release.name, track }))
    return gate.verdict === "passed" ? DONE : { kind: "impossible", fault: gate.verdict === "failed" ? "release" : "surroundings", reason: gate.reason }
  }

  async setWeight(weightPercent: number): Promise<StepOutcome> {
    await this.#mayWrite()
    const ratio = weightPercent === 0 ? null : this.#ratio
    const before = ratio === null ? null : await this.#look()
    if (before !== null) ratio?.begin(before)
    await insist(async () => this.#route.setWeight(this.#facts.track, weightPercent, weightPercent === 0 ? null : await this.#deadline()))
    this.#armed = weightPercent > 0
    return ratio === null || before === null ? DONE : ratio.carried(weightPercent, before)
  }

  /** Nobody need renew any more: what has the traffic was found good, and stays. */
  async disarm(): Promise<void> {
    if (!this.#armed) return
    this.#armed = false
    await insist(() => this.#route.setWeight(this.#facts.track, 100, null))
  }

  async updateStable(): Promise<StepOutcome> {
    const { helm, services } = this.parts
    await this.#upgrade([...helm.release.values, this.#overlay()])
    const serving = await this.#serving(services.map(({ name }) => deploymentName(helm.release.name, name, "stable")), () => true)
    // The gateway still sends everything to the track: the new stable pods are asked directly.
    if (serving.kind !== "done") return serving
    return this.#proven(null, this.#ratio === null ? {} : { track: "stable" })
  }

  async restoreStable(): Promise<StepOutcome> {
    await this.#rollback(this.#facts.withTrack ?? this.#facts.captured)
    return this.#serving([], () => false)
  }

  async removeIdle(promoted: boolean): Promise<StepOutcome> {
    const { helm } = this.parts
    if (!promoted) await this.#rollback(this.#facts.captured)
    else if (this.#facts.track === "canary") await this.#upgrade(helm.release.values)
    else {
      // Both names lead to the new colour then, so it does not matter which of them has the weight.
      await this.#upgrade([...helm.release.values, this.#written("live.json", liveOverlay(this.#facts, this.parts.trackServices))])
      await this.setWeight(0)
    }
    return DONE
  }

  async proveStable(): Promise<StepOutcome> {
    const serving = await this.#serving([], () => false)
    const { capturedChecks } = this.#facts
    return serving.kind === "done" ? this.#proven(this.parts.gatewayUrl, capturedChecks.length === 0 ? {} : { services: capturedChecks }) : serving
  }

  async evidence(): Promise<string> {
    const { connection, helm } = this.parts
    return trackEvidence(connection, helm.release, this.#facts.track)
  }

  get facts(): RolloutFacts {
    return this.#facts
  }

  #look(): Promise<RolloutSnapshot> {
    return insist(() => lookAtRollout(this.parts.connection, this.parts.helm.release))
  }

  #overlay(): string {
    return this.#written("track.json", trackOverlay(this.#facts, this.parts.trackServices))
  }

  #written(name: string, values: object): string {
    const file = join(this.parts.folder, name)
    writeFileSync(file, JSON.stringify(values))
    return file
  }

  async #mayWrite(): Promise<void> {
    this.parts.lease.assertHeld()
    const repaired = await this.parts.helm.repair()
    if (repaired !== null) this.parts.say(repaired)
  }

  async #upgrade(values: readonly string[]): Promise<void> {
    await this.#mayWrite()
    this.#before = await this.#look()
    await this.parts.helm.upgrade(values)
    await insist(() => this.#route.sync())
  }

  async #rollback(revision: number): Promise<void> {
    await this.#mayWrite()
    this.#before = await this.#look()
    await this.parts.helm.rollback(revision)
    await insist(() => this.#route.sync())
  }

  async #keepRevision(withTrack: number): Promise<void> {
    this.#facts = { ...this.#facts, withTrack }
    await insist(() => this.parts.store.saveFacts((facts) => ({ ...facts, withTrack })))
  }

  /** Until all workloads serve. What is wrong with one that the release does not change is no fault of it. */
  async #serving(expected: readonly string[], ofRelease: (workload: string) => boolean): Promise<StepOutcome> {
    const { connection, helm, say } = this.parts
    const before = this.#before ?? (await this.#look())
    const end = await watchUntilServing(connection, helm.release, { before, expected, timeoutSeconds: READY_SECONDS, say: (line) => this.#tell(line) })
    if (end.kind === "serves") return DONE
    const problem = await rolloutProblem({ connection, release: helm.release }, end)
    for (const { message } of problem.findings) say(message)
    const fault = end.kind === "late" ? problem.verdict === "failed" : ofRelease(end.fault.workload)
    return { kind: "impossible", fault: fault ? "release" : "surroundings", reason: problem.reason }
  }

  /** What each look at the same workloads begins with is told once. */
  #tell(line: string): void {
    const [workload = ""] = line.split(":")
    if (this.#told.get(workload) !== line) this.parts.say(line)
    this.#told.set(workload, line)
  }

  async #proven(gatewayUrl: string | null, { services = this.parts.services, track }: { readonly services?: readonly CheckedService[]; readonly track?: string } = {}): Promise<StepOutcome> {
    const { connection, helm, say, lease } = this.parts
    // Errors are judged by the rollout itself.
    const tools: DeployTools = { connection, release: helm.release, services, gatewayUrl, errors: null, call: helm.call, say, lease, timeoutSeconds: READY_SECONDS, ...(track === undefined ? {} : { track }) }
    const { problem } = await prove(tools)
    return problem === null ? DONE : { kind: "impossible", fault: problem.verdict === "failed" ? "release" : "surroundings", reason: problem.reason }
  }

  #deadline = async (): Promise<string> => new Date((await serverTime(this.parts.connection)) + DEADLINE_SECONDS * 1000).toISOString()

  async #renew(): Promise<void> {
    if (!this.#armed) return
    try {
      this.parts.lease.assertHeld()
      await this.#route.renew(await this.#deadline())
    } catch (error) {
      this.parts.say(`the deadline of the dead man's switch could not be renewed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}
