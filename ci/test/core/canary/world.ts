import { binomial, seeded } from "../../../../bench/canary/chance.js"
import type { CounterSnapshot } from "../../../src/core/canary/counts.js"
import { advanceRollout } from "../../../src/core/canary/rollout.js"
import { rolloutAction, type RolloutAction } from "../../../src/core/canary/rollout-action.js"
import type { RolloutEvent } from "../../../src/core/canary/rollout-events.js"
import type { RolloutPlan } from "../../../src/core/canary/rollout-plan.js"
import { hasEnded, startRollout, type RolloutState } from "../../../src/core/canary/rollout-state.js"

/** Stands for whatever a tool prints: it may be a secret. */
export const SAID_BY_A_TOOL = "token=hunter2"

/** How a cluster behaves towards a rollout; what is left out is well. */
export interface WorldFaults {
  readonly canaryErrorRate?: number
  readonly stableErrorRate?: number
  readonly requestsPerSecond?: number
  /** The router accepts weights and goes on as before. */
  readonly ignoresWeights?: boolean
  /** Actions that fail, by kind. */
  readonly fails?: Readonly<Partial<Record<RolloutAction["kind"], "release" | "surroundings">>>
  /** Seconds during which Prometheus is gone. */
  readonly blind?: readonly [from: number, to: number]
  /** Errors of the canary begin at this weight, or after this time. */
  readonly breaksAtPercent?: number
  readonly breaksAfterSeconds?: number
  /** Users who ask for the canary by its header or cookie, whatever its weight is. */
  readonly askForCanaryPerSecond?: number
}

/** A cluster in memory with a clock of its own: ten minutes of it pass in a millisecond. */
export class FakeWorld {
  seconds = 1000
  weight = 0
  canaryUp = false
  /** Requests that were sent to where no pod was. */
  lostTraffic = 0
  readonly log: string[] = []
  #chance = seeded(5)
  #owed = 0
  #counts = { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }

  constructor(readonly faults: WorldFaults = {}) {}

  /** Does an action, and tells what came of it. */
  act(state: RolloutState, action: RolloutAction): RolloutEvent {
    this.log.push(action.kind === "set-weight" ? `weight ${action.weightPercent}` : action.kind)
    this.pass(action.kind === "sample" ? action.afterSeconds : action.kind === "wait" ? action.seconds : 1)
    const atSeconds = this.seconds
    const fault = this.faults.fails?.[action.kind]
    if (fault !== undefined) return { kind: "impossible", phase: state.phase, atSeconds, fault, told: action.kind, reason: `${action.kind} failed: ${SAID_BY_A_TOOL}` }
    if (action.kind === "scale-canary") this.canaryUp = true
    if (action.kind === "set-weight") this.weight = action.weightPercent
    if (action.kind === "remove-idle" && state.kind === "canary") this.canaryUp = false
    if (action.kind === "wait") return { kind: "waiting", atSeconds }
    if (action.kind !== "sample") return { kind: "done", phase: state.phase, atSeconds }
    const [from, to] = this.faults.blind ?? [Infinity, 0]
    if (atSeconds - 1000 >= from && atSeconds - 1000 < to) return { kind: "blind", atSeconds, reason: `Prometheus does not answer: ${SAID_BY_A_TOOL}` }
    return { kind: "snapshot", atSeconds, snapshot: this.snapshot(), readings: {} }
  }

  pass(seconds: number): void {
    this.seconds += seconds
    const { requestsPerSecond = 50, canaryErrorRate = 0, stableErrorRate = 0, ignoresWeights = false, breaksAtPercent = 0, breaksAfterSeconds = 0, askForCanaryPerSecond = 0 } = this.faults
    const requests = Math.round(requestsPerSecond * seconds)
    // Routers take turns over all requests, not anew in each second.
    this.#owed += ignoresWeights ? 0 : (requests * this.weight) / 100
    const byWeight = Math.floor(this.#owed)
    this.#owed -= byWeight
    const toCanary = byWeight + (this.canaryUp ? Math.round(askForCanaryPerSecond * seconds) : 0)
    if (toCanary > 0 && !this.canaryUp) this.lostTraffic += toCanary
    const canaryErrors = binomial(this.#chance, toCanary, this.weight >= breaksAtPercent && this.seconds - 1000 >= breaksAfterSeconds ? canaryErrorRate : 0)
    const { canary, stable } = this.#counts
    this.#counts = {
      canary: { requests: canary.requests + toCanary, errors: canary.errors + canaryErrors },
      stable: { requests: stable.requests + requests - toCanary, errors: stable.errors + binomial(this.#chance, requests - toCanary, stableErrorRate) },
    }
  }

  snapshot(): CounterSnapshot {
    const track = ({ requests, errors }: { requests: number; errors: number }) => ({ web: { requests: { all: requests }, errors: { all: errors }, times: { all: { all: requests, fast: requests } } } })
    return { atSeconds: this.seconds, canary: track(this.#counts.canary), stable: track(this.#counts.stable), gateway: {} }
  }
}

/** Whatever happens besides, before a given turn of the controller. */
export type Interference = (turn: number, state: RolloutState, world: FakeWorld) => RolloutEvent | null

/** The controller's whole loop: do what the state asks for, tell it what came, keep the state as text. */
export function runRollout(plan: RolloutPlan, world: FakeWorld, interfere: Interference = () => null, turns = 2000): RolloutState {
  const start = startRollout(plan, null)
  if (start.kind === "refused") throw new Error(start.reason)
  let kept = JSON.stringify(start.state)
  for (let turn = 0; turn < turns; turn++) {
    let state = JSON.parse(kept) as RolloutState
    if (hasEnded(state)) return state
    const other = interfere(turn, state, world)
    if (other !== null) state = advanceRollout(plan, state, other)
    kept = JSON.stringify(advanceRollout(plan, state, world.act(state, rolloutAction(plan, state))))
  }
  return JSON.parse(kept) as RolloutState
}
