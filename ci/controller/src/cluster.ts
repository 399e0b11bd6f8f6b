import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { judgeSmoke } from "../../src/core/gates/smoke.js"
import type { ServiceConfig } from "../../src/core/config/services.js"
import { trackOverlay, liveOverlay, type TrackServices } from "../../src/core/canary/track-values.js"
import type { RolloutFacts } from "../../src/core/canary/stored-rollout.js"
import { crashedPod, deploymentName, splitServices, trackRestarts } from "../../src/core/canary/track-pods.js"
import { NGINX_LEGACY } from "../../src/core/route/canary-ingress.js"
import type { ClusterRollout } from "../../src/edges/canary/rollout-store.js"
import { routeOf, serverTime } from "../../src/edges/canary/track-route.js"
import type { HeldLease } from "../../src/edges/deploy/lease-holder.js"
import { smokeProblem } from "../../src/edges/deploy/prove.js"
import type { KubeConnection } from "../../src/edges/kube-request.js"
import type { RolloutSnapshot } from "../../src/core/deploy/kube-status.js"
import { smokeAttempts } from "../../src/edges/smoke-attempts.js"
import { ArmedRoute } from "./armed-route.js"
import { trackEvidence } from "./evidence.js"
import type { Helm } from "./helm.js"
import { insist } from "./insist.js"
import { PodRatio } from "./pod-ratio.js"
import { DONE, impossible, type RolloutCluster, type StepOutcome } from "./ports.js"
import { Proof, unproven } from "./proof.js"
import { scaleTrackPods } from "./scale.js"

/** A pod of it that is moved elsewhere is back by then. */
const UNGUARDED_MS = 45_000

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

/** Moves a release's pods by Helm and its traffic by whatever carries its weight. */
export class HelmCluster implements RolloutCluster {
  readonly #route: ArmedRoute
  readonly #proof: Proof
  /** Null where a router carries the weight. */
  readonly #ratio: PodRatio | null
  #facts: RolloutFacts
  #unguardedSince: number | null = null
  /** Of the track's pods, when its weight was set. */
  #restarts: Readonly<Record<string, number>> = {}

  constructor(readonly parts: ClusterParts) {
    const { connection, helm, facts, services, lease, say } = parts
    const split = splitServices(services, facts.services)
    this.#facts = facts
    this.#route = new ArmedRoute(routeOf(connection, helm.release, facts, split), facts.track, lease, say)
    this.#proof = new Proof(parts)
    this.#ratio = facts.router === "replicas" ? new PodRatio(helm.release.name, facts, split, say) : null
    if (facts.router === "nginx") say(NGINX_LEGACY)
  }

  close(): void {
    this.#route.close()
  }

  readonly clock = async (): Promise<number> => (await insist(() => serverTime(this.parts.connection))) / 1000

  async scaleTrack(weightPercent: number): Promise<StepOutcome> {
    const { helm, folder } = this.parts
    await this.#mayWrite()
    await this.#proof.begin()
    if (this.#facts.withTrack === null) {
      const running = await helm.valuesOf(this.#facts.captured, join(folder, "running-values.json"))
      // Its rules are ours before Helm lets go of them.
      await this.#route.sync()
      await this.#keepRevision(await helm.upgrade([running, this.#overlay()]))
      await this.#route.sync()
    }
    const live = await this.#proof.look()
    const { pods, outcome } = this.#ratio === null ? { pods: {}, outcome: DONE } : this.#ratio.wanted(weightPercent, live)
    // A colour is rendered with the number of pods that the chart says; where something scales them, live has the right one.
    if (outcome.kind === "done") await scaleTrackPods(this.parts.connection, helm.release, live, { facts: this.#facts, weightPercent, exact: pods })
    return outcome
  }

  readonly takeOver = (): Promise<{ readonly withdrawn: boolean }> => this.#route.takeOver()

  readonly isWithdrawn = (): Promise<boolean> => this.#route.isWithdrawn()

  async carried(weightPercent: number): Promise<StepOutcome> {
    const now = await this.#proof.look()
    const unguarded = this.#unguarded(now)
    if (unguarded !== null) return impossible("surroundings", unguarded)
    if (this.#ratio !== null) return this.#ratio.carried(weightPercent, now)
    // A caller that copes with it hides it from every counter.
    const crashed = crashedPod(now.pods, this.#facts.track, this.#restarts)
    return crashed === null ? DONE : impossible("release", `pod ${crashed} has crashed under its traffic`)
  }

  async awaitReady(broken: AbortSignal): Promise<StepOutcome> {
    const { track, services } = this.#facts
    return this.#proof.serving(services.map((service) => deploymentName(this.parts.helm.release.name, service, track)), (workload) => workload.endsWith(`-${track}`), broken)
  }

  async smoke(): Promise<StepOutcome> {
    const { connection, services, helm } = this.parts
    const { track } = this.#facts
    // Without a router no way leads to the track alone, but for its own Service.
    const gatewayUrl = this.#ratio === null ? this.parts.gatewayUrl : null
    const own = services.filter(({ name }) => this.#facts.services.includes(name))
    const gate = judgeSmoke(await smokeAttempts(own, { connection, gatewayUrl, namespace: helm.release.namespace, release: helm.release.name, track }))
    // The phase says already that these are smoke checks.
    return gate.verdict === "passed" ? DONE : unproven({ ...smokeProblem(gate), reason: gate.reason })
  }

  /** Whatever Helm is at, a weight does not wait for it: least of all one of 0. */
  async setWeight(weightPercent: number): Promise<StepOutcome> {
    if (weightPercent === 0) {
      await this.#route.setWeight(0)
      return DONE
    }
    const before = await this.#proof.look()
    this.#restarts = trackRestarts(before.pods, this.#facts.track)
    this.#ratio?.begin(before)
    await this.#route.setWeight(weightPercent)
    return this.#ratio === null ? DONE : this.#ratio.carried(weightPercent, before)
  }

  readonly disarm = (): Promise<void> => this.#route.disarm()

  async updateStable(broken: AbortSignal): Promise<StepOutcome> {
    const { helm, services } = this.parts
    await this.#upgrade([...helm.release.values, this.#overlay()], broken)
    const serving = await this.#proof.serving(services.map(({ name }) => deploymentName(helm.release.name, name, "stable")), () => true, broken)
    // The gateway still sends everything to the track: the new stable pods are asked directly.
    if (serving.kind !== "done") return serving
    return this.#proof.proven(null, this.#ratio === null ? {} : { track: "stable" })
  }

  async restoreStable(): Promise<StepOutcome> {
    await this.#rollback(this.#facts.withTrack ?? this.#facts.captured)
    return this.#proof.serving([], () => false)
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
    const serving = await this.#proof.serving([], () => false)
    const { capturedChecks } = this.#facts
    return serving.kind === "done" ? this.#proof.proven(this.parts.gatewayUrl, capturedChecks.length === 0 ? {} : { services: capturedChecks }) : serving
  }

  async evidence(): Promise<string> {
    const { connection, helm } = this.parts
    return trackEvidence(connection, helm.release, this.#facts.track)
  }

  /** Nothing has traffic for long that the cluster could not take away by itself. */
  #unguarded({ workloads }: RolloutSnapshot): string | null {
    const name = `${this.parts.helm.release.name}-switch`
    const stands = (workloads.find(({ metadata }) => metadata.name === name)?.status?.availableReplicas ?? 0) > 0
    this.#unguardedSince = stands ? null : (this.#unguardedSince ?? performance.now())
    if (this.#unguardedSince === null || performance.now() - this.#unguardedSince < UNGUARDED_MS) return null
    return `the dead man's switch, deployment ${name}, has no ready pod for ${UNGUARDED_MS / 1000} s: if this run died, nobody would take the traffic away`
  }

  get facts(): RolloutFacts {
    return this.#facts
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

  async #upgrade(values: readonly string[], broken?: AbortSignal): Promise<void> {
    await this.#mayWrite()
    await this.#proof.begin()
    await this.parts.helm.upgrade(values, broken)
    await this.#route.sync()
  }

  async #rollback(revision: number): Promise<void> {
    await this.#mayWrite()
    await this.#proof.begin()
    await this.parts.helm.rollback(revision)
    await this.#route.sync()
  }

  async #keepRevision(withTrack: number): Promise<void> {
    this.#facts = { ...this.#facts, withTrack }
    await insist(() => this.parts.store.saveFacts((facts) => ({ ...facts, withTrack })))
  }
}
