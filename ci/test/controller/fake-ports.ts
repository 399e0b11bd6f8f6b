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
  /** Called at each turn, with the number of saves so far. */
  atSave: (saves: number) => void = () => undefined

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
    },
  }

  readonly cluster = {
    clock: async () => this.world.seconds,
    scaleTrack: (weightPercent: number) => this.#act({ kind: "scale-canary", weightPercent }),
    awaitReady: () => this.#act({ kind: "await-ready" }),
    smoke: () => this.#act({ kind: "smoke" }),
    setWeight: (weightPercent: number) => this.#act({ kind: "set-weight", weightPercent }),
    disarm: async () => void (this.disarmed = true),
    updateStable: () => this.#act({ kind: "update-stable" }),
    restoreStable: () => this.#act({ kind: "restore-stable" }),
    removeIdle: () => this.#act({ kind: "remove-idle" }),
    proveStable: () => this.#act({ kind: "prove-stable" }),
    evidence: async () => "last words",
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

  readonly traffic = { keepUp: async (to: string) => void (this.sentTo.at(-1) === to ? undefined : this.sentTo.push(to)) }
  readonly sleep = async (seconds: number): Promise<void> => this.world.pass(seconds)
  readonly say = (line: string): void => void this.said.push(line)

  async #act(action: RolloutAction): Promise<StepOutcome> {
    const event = this.world.act(this.state, action)
    return event.kind === "impossible" ? { kind: "impossible", fault: event.fault, reason: event.reason } : { kind: "done" }
  }
}
