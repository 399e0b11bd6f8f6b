import { replicaWeight } from "../../src/core/canary/replica-weight.js"
import { livePods, lookAtCarried, trackRestarts } from "../../src/core/canary/track-pods.js"
import type { RolloutFacts } from "../../src/core/canary/stored-rollout.js"
import type { RolloutSnapshot } from "../../src/core/deploy/kube-status.js"
import { DONE, impossible, type StepOutcome } from "./ports.js"

/** Pods come and go a moment before others do. */
const MAY_BE_OFF_MS = 20_000

/** How many pods carry which weight, where their number is all that carries it. */
export class PodRatio {
  #restarts: Readonly<Record<string, number>> = {}
  #offSince: number | null = null
  #told = ""

  constructor(
    readonly release: string,
    readonly facts: Pick<RolloutFacts, "live" | "track">,
    /** Services whose traffic is split. */
    readonly services: readonly string[],
    readonly say: (line: string) => void,
  ) {}

  /** The pods that the track must have for a weight, and what they then carry. */
  wanted(weightPercent: number, { workloads }: RolloutSnapshot): { readonly pods: Readonly<Record<string, number>>; readonly outcome: StepOutcome } {
    const weight = replicaWeight(weightPercent, livePods(workloads, this.release, this.services, this.facts.live))
    if (weight.kind === "refused") return { pods: {}, outcome: impossible("surroundings", weight.reason) }
    const line = `no router: the weight is the ratio of ready pods: ${weight.text}`
    if (line !== this.#told) this.say(line)
    this.#told = line
    return { pods: weight.pods, outcome: { kind: "done", weightPercent: weight.weightPercent } }
  }

  /** The traffic of a weight begins: what crashed before is told by then. */
  begin({ pods }: RolloutSnapshot): void {
    this.#restarts = trackRestarts(pods, this.facts.track)
    this.#offSince = null
  }

  carried(weightPercent: number, { pods }: RolloutSnapshot): StepOutcome {
    const look = lookAtCarried(weightPercent, pods, { services: this.services, live: this.facts.live, track: this.facts.track, restarts: this.#restarts })
    if (look.kind === "carried") {
      this.#offSince = null
      return { kind: "done", weightPercent: look.weightPercent }
    }
    if (look.kind === "crashed") return impossible("release", look.reason)
    this.#offSince ??= performance.now()
    return performance.now() - this.#offSince < MAY_BE_OFF_MS ? DONE : impossible(look.fault, look.reason)
  }
}
