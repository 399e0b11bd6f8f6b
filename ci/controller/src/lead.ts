import { advanceRollout, refusedCommand } from "../../src/core/canary/rollout.js"
import { rolloutAction, type RolloutAction } from "../../src/core/canary/rollout-action.js"
import { rolloutLine } from "../../src/core/canary/rollout-line.js"
import type { RolloutEvent } from "../../src/core/canary/rollout-events.js"
import type { RolloutPlan } from "../../src/core/canary/rollout-plan.js"
import { hasEnded, isLeaving, weightNow, type RolloutState } from "../../src/core/canary/rollout-state.js"
import type { GivenCommand } from "../../src/core/canary/stored-rollout.js"
import { Forecast } from "./forecast.js"
import { DONE, type RolloutPorts, type StepOutcome } from "./ports.js"

/** After something that could not be done, before it is tried again. */
const TRY_AGAIN_SECONDS = 2
/** Each of Helm's tries is a revision, and old ones go: among them might be the one to go back to. */
const HELM_AGAIN_SECONDS = 20
const WITHDRAWN = "the dead man's switch has taken the traffic away, for the deadline had passed"
/** How long a person waits at most for an answer. */
const LISTEN_SECONDS = 1

export interface LeadOptions {
  /** Someone has led it before. */
  readonly takenUp: boolean
  /** Stops before the first traffic is moved, with the state as it then is. */
  readonly untilWeight: boolean
  /** Seconds after which it is given up; the way back gets what is left of the stage's time. */
  readonly limitSeconds: number
}

/** Leads a rollout to its end: asks the state what to do, does it, tells the state, keeps it. Whoever kills it loses one turn. */
export async function leadRollout(given: RolloutPlan, first: RolloutState, ports: RolloutPorts, options: LeadOptions): Promise<RolloutState> {
  const forecast = new Forecast(given, ports.metrics, ports.traffic.requestsPerSecond)
  const plan = await forecast.begin()
  const leader = new Leader(plan, first, ports, options, forecast)
  try {
    return await leader.lead()
  } finally {
    await ports.traffic.keepUp("nobody")
  }
}

class Leader {
  #started = 0
  #told = ""
  readonly #turn: Turn

  constructor(
    readonly plan: RolloutPlan,
    public state: RolloutState,
    readonly ports: RolloutPorts,
    readonly options: LeadOptions,
    readonly forecast: Forecast,
  ) {
    this.#turn = new Turn(plan, ports)
  }

  async lead(): Promise<RolloutState> {
    const { cluster } = this.ports
    this.#started = await cluster.clock()
    if (this.options.takenUp) await this.#takeOver()
    while (!hasEnded(this.state)) {
      if (this.options.untilWeight && this.state.phase === "weight" && this.state.step === 0) break
      await this.#tell()
      await this.#obey()
      if (hasEnded(this.state)) break
      if (this.state.phase === "keep") await cluster.disarm()
      const { state } = this
      const atSeconds = await cluster.clock()
      if (atSeconds - this.#started > this.options.limitSeconds && !isLeaving(state) && state.phase !== "remove") await this.#keep({ kind: "out-of-time", atSeconds, limitSeconds: this.options.limitSeconds })
      else await this.#keep(await this.#act(state))
    }
    await this.#letStay()
    return this.state
  }

  async #takeOver(): Promise<void> {
    const { cluster, say } = this.ports
    const { withdrawn } = weightNow(this.state) > 0 && this.state.phase !== "keep" ? await cluster.takeOver() : { withdrawn: false }
    if (withdrawn) say(WITHDRAWN)
    await this.#keep({ kind: "taken-up", atSeconds: this.#started, withdrawn })
  }

  /** A canary that was found good carries everything beside a stable that is not healthy: the cluster must not take that away. */
  async #letStay(): Promise<void> {
    const { phase, stuckIn } = this.state
    if (phase !== "stranded" || stuckIn !== "restore-stable" || weightNow(this.state) < 100) return
    await this.ports.cluster.disarm().catch((error: unknown) => this.ports.say(`the deadline cannot be taken off, so within a minute the cluster gives the traffic to stable: ${wordsOf(error)}`))
  }

  async #keep(event: RolloutEvent, obeyed: readonly GivenCommand[] = []): Promise<void> {
    const before = this.state
    this.state = advanceRollout(this.plan, before, event)
    if (!isLeaving(before) && isLeaving(this.state)) this.ports.say(`${this.state.ending?.verdict ?? "error"}: ${this.state.ending?.reason ?? ""}`)
    await this.ports.store.save(this.state, obeyed)
  }

  async #tell(): Promise<void> {
    const { state, plan } = this
    const words = rolloutLine(plan, state)
    const line = state.phase === "weight" && state.paused === null ? `${words}, ${await this.forecast.line(state)}` : words
    if (line !== this.#told) this.ports.say(line)
    this.#told = line
  }

  async #obey(): Promise<void> {
    const { store, cluster, say } = this.ports
    for (const command of await store.commands()) {
      const refusal = refusedCommand(this.state, command.command, command.reason)
      say(`${command.command} by ${command.by}${refusal === null ? "" : ` refused: ${refusal}`}`)
      await this.#keep({ kind: "person", atSeconds: await cluster.clock(), ...command }, [command])
    }
  }

  /** One action. While it lasts, persons are heard, and users who meet the canary are watched: either may end what it is done for, and then it is broken off. */
  async #act(state: RolloutState): Promise<RolloutEvent> {
    const broken = new AbortController()
    const acting = this.#turn.take(state, broken.signal)
    let going = true
    const over = acting.finally(() => (going = false)).catch(() => undefined)
    // What is done at once needs nobody beside it.
    await Promise.race([over, new Promise((resolve) => setImmediate(resolve))])
    for (let waited = 1; going; waited += 1) {
      await Promise.race([over, this.ports.sleep(LISTEN_SECONDS)])
      if (!going || broken.signal.aborted || this.#turn.samples(state)) continue
      await this.#obey()
      if (going && waited % this.plan.intervalSeconds === 0 && weightNow(this.state) > 0 && !isLeaving(this.state)) await this.#keep(await this.#turn.look(this.state))
      if (this.state.phase !== state.phase) broken.abort()
    }
    return acting
  }
}

/** One action of the state, carried out. */
class Turn {
  /** Counters that were read before the weight was set belong to the one before. */
  #countFrom = 0
  #evidenceTold = false

  constructor(
    readonly plan: RolloutPlan,
    readonly ports: RolloutPorts,
  ) {}

  /** Whether this state's action waits, listens and looks by itself. */
  samples(state: RolloutState): boolean {
    return ["sample", "wait", "finished"].includes(rolloutAction(this.plan, state).kind)
  }

  async take(state: RolloutState, broken: AbortSignal): Promise<RolloutEvent> {
    const action = rolloutAction(this.plan, state)
    const { cluster, traffic, sleep } = this.ports
    if (action.kind === "sample") {
      await traffic.keepUp(action.synthesize ? "track" : "everybody")
      await this.#listening(action.afterSeconds)
      return this.look(state)
    }
    if (action.kind === "wait" || action.kind === "finished") {
      await this.#listening(action.kind === "wait" ? action.seconds : 0)
      return { kind: "waiting", atSeconds: await cluster.clock() }
    }
    const outcome = await this.#carryOut(state, action, broken).catch((error: unknown): StepOutcome => ({ kind: "impossible", fault: "surroundings", told: "could not be done", reason: wordsOf(error) }))
    if (outcome.kind === "impossible" && !broken.aborted) await sleep(action.kind === "restore-stable" || action.kind === "remove-idle" ? HELM_AGAIN_SECONDS : TRY_AGAIN_SECONDS)
    const { phase } = state
    return { ...outcome, phase, atSeconds: await cluster.clock() }
  }

  async #carryOut(state: RolloutState, action: Exclude<RolloutAction, { kind: "sample" | "wait" | "finished" }>, broken: AbortSignal): Promise<StepOutcome> {
    const { cluster, traffic } = this.ports
    switch (action.kind) {
      case "scale-canary":
        return cluster.scaleTrack(action.weightPercent)
      case "await-ready":
        return cluster.awaitReady(broken)
      case "smoke":
        return cluster.smoke()
      case "set-weight":
        return this.#setWeight(state, action.weightPercent)
      case "update-stable":
        return cluster.updateStable(broken)
      case "restore-stable":
        return cluster.restoreStable()
      case "remove-idle":
        return cluster.removeIdle(!isLeaving(state))
      case "prove-stable":
        await traffic.keepUp("nobody")
        return cluster.proveStable()
    }
  }

  async #setWeight(state: RolloutState, weightPercent: number): Promise<StepOutcome> {
    const { cluster, metrics, traffic, say } = this.ports
    if (weightPercent > 0) await traffic.keepUp("everybody")
    const outcome = await cluster.setWeight(weightPercent)
    if (outcome.kind !== "done") return outcome
    this.#countFrom = await metrics.clock().catch(() => 0)
    // The traffic is away: now there is time to listen.
    if (state.phase === "withdraw" && !this.#evidenceTold) {
      this.#evidenceTold = true
      say((await cluster.evidence().catch((error: unknown) => `evidence cannot be read: ${wordsOf(error)}`)).trim())
    }
    return outcome
  }

  /** The counters as they are now. */
  async look(state: RolloutState): Promise<RolloutEvent> {
    const { cluster, metrics } = this.ports
    try {
      const isUp = state.phase === "observe" || state.phase === "measure"
      const [snapshot, readings, carried, withdrawn] = await Promise.all([metrics.snapshot(), metrics.readings(), isUp ? cluster.carried(this.plan.steps[state.step]?.weightPercent ?? 0) : DONE, weightNow(state) > 0 && !isLeaving(state) && cluster.isWithdrawn()])
      const atSeconds = await cluster.clock()
      if (withdrawn) {
        this.ports.say(WITHDRAWN)
        return { kind: "taken-up", atSeconds, withdrawn }
      }
      if (carried.kind === "impossible") return { ...carried, phase: state.phase, atSeconds }
      if (snapshot.atSeconds <= this.#countFrom) return { kind: "waiting", atSeconds }
      return { ...carried, kind: "snapshot", atSeconds, snapshot, readings }
    } catch (error) {
      return { kind: "blind", atSeconds: await cluster.clock(), reason: wordsOf(error) }
    }
  }

  /** Waits, but not longer than until a person says something. */
  async #listening(seconds: number): Promise<void> {
    const { sleep, store } = this.ports
    for (let left = seconds; left > 0; left -= LISTEN_SECONDS) {
      await sleep(Math.min(left, LISTEN_SECONDS))
      if (left > LISTEN_SECONDS && (await store.commands().catch(() => [])).length > 0) return
    }
  }
}

export const wordsOf = (error: unknown): string => (error instanceof Error ? (error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message) : String(error))

