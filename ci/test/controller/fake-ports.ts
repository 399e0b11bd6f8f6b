import type { RolloutAction } from "../../src/core/canary/rollout-action.js"
import type { RolloutState } from "../../src/core/canary/rollout-state.js"
import type { GivenCommand } from "../../src/core/canary/stored-rollout.js"
import type { RolloutPorts, StepOutcome } from "../../controller/src/ports.js"
import type { FakeWorld } from "../core/canary/world.js"

/** A controller that dies here. Only a test throws it. */
export class Killed extends Error {}

/** The ports of the controller over a cluster in memory. Its time passes when somebody sleeps. */
export class FakePorts implements RolloutPorts {
  state: RolloutState
  readonly saved: RolloutState[] = []
  readonly said: string[] = []
  commandsGiven: GivenCommand[] = []
  readonly sentTo: string[] = []
  disarmed = false
  /** Whether a deadline is on the route, which the cluster waits for. */
  armed = false
  /** What pods make of a weight; left alone: a router holds what it is told. */
  carries: ((weightPercent: number) => number) | null = null
  carriedNow: ((weightPercent: number) => StepOutcome) | null = null
  /** The dead man's switch has taken the traffic away. */
  withdrawn = false
  /** What pods that are waited for do; null or left alone: as the world says. */
  atAwaitReady: ((broken: AbortSignal) => Promise<StepOutcome> | null) | null = null
  /** Called at each turn, with the number of saves so far. */
  atSave: (saves: number) => void = () => undefined
  /** The same, when it is written. */
  afterSave: (saves: number) => void = () => undefined

  constructor(
    readonly world: FakeWorld,
    first: RolloutState,
  ) {
    this.state = first
  }

  readonly store = {
    commands: async () => this.commandsGiven,
    save: async (state: RolloutState, obeyed: readonly GivenCommand[]) => {
      this.atSave(this.saved.length)
      this.state = state
      this.saved.push(state)
      this.commandsGiven = this.commandsGiven.filter((command) => !obeyed.includes(command))
      this.afterSave(this.saved.length - 1)
    },
  }

  readonly cluster = {
    clock: async () => this.world.seconds,
    scaleTrack: async (weightPercent: number): Promise<StepOutcome> => {
      const outcome = await this.#act({ kind: "scale-canary", weightPercent })
      return outcome.kind === "done" ? this.#outcome(weightPercent) : outcome
    },
    awaitReady: (broken: AbortSignal) => this.atAwaitReady?.(broken) ?? this.#act({ kind: "await-ready" }),
    smoke: () => this.#act({ kind: "smoke" }),
    setWeight: async (weightPercent: number): Promise<StepOutcome> => {
      const outcome = await this.#act({ kind: "set-weight", weightPercent: weightPercent === 0 ? 0 : (this.carries?.(weightPercent) ?? weightPercent) })
      if (outcome.kind === "done") this.armed = weightPercent > 0
      if (outcome.kind === "done") this.withdrawn = false
      return outcome.kind === "done" && weightPercent > 0 ? this.#outcome(weightPercent) : outcome
    },
    takeOver: async () => ({ withdrawn: this.withdrawn }),
    isWithdrawn: async () => this.withdrawn,
    carried: async (weightPercent: number): Promise<StepOutcome> => this.carriedNow?.(weightPercent) ?? this.#outcome(weightPercent),
    disarm: async () => {
      this.world.weight = 100
      this.armed = false
      this.disarmed = true
    },
    updateStable: () => this.#act({ kind: "update-stable" }),
    restoreStable: () => this.#act({ kind: "restore-stable" }),
    removeIdle: () => this.#act({ kind: "remove-idle" }),
    proveStable: () => this.#act({ kind: "prove-stable" }),
    evidence: async () => "last words",
  }

  /** The controller is dead, and time goes on: the dead man's switch does what it is there for. */
  letCome(seconds: number): void {
    this.world.pass(Math.min(60, seconds))
    if (this.armed) this.withdraw()
    this.world.pass(Math.max(0, seconds - 60))
  }

  /** The dead man's switch acts. */
  withdraw(): void {
    this.world.weight = 0
    this.armed = false
    this.withdrawn = true
  }

  readonly metrics = {
    clock: async () => this.world.seconds,
    snapshot: async () => {
      const event = this.world.act(this.state, { kind: "sample", afterSeconds: 0, synthesize: false })
      if (event.kind !== "snapshot") throw new Error(event.kind === "blind" ? event.reason : event.kind)
      return event.snapshot
    },
    readings: async () => ({}),
  }

  readonly traffic = { requestsPerSecond: 0, keepUp: async (to: string) => void (this.sentTo.at(-1) === to ? undefined : this.sentTo.push(to)) }
  readonly sleep = async (seconds: number): Promise<void> => this.world.pass(seconds)
  readonly say = (line: string): void => void this.said.push(line)

  #outcome(weightPercent: number): StepOutcome {
    return this.carries === null ? { kind: "done" } : { kind: "done", weightPercent: this.carries(weightPercent) }
  }

  async #act(action: RolloutAction): Promise<StepOutcome> {
    const event = this.world.act(this.state, action)
    return event.kind === "impossible" ? event : { kind: "done" }
  }
}
