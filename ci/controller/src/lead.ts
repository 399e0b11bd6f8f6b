import { advanceRollout, refusedCommand } from "../../src/core/canary/rollout.js"
import { rolloutAction, rolloutLine, type RolloutAction } from "../../src/core/canary/rollout-action.js"
import type { RolloutEvent } from "../../src/core/canary/rollout-events.js"
import type { RolloutPlan } from "../../src/core/canary/rollout-plan.js"
import { hasEnded, isLeaving, type RolloutState } from "../../src/core/canary/rollout-state.js"
import type { GivenCommand } from "../../src/core/canary/stored-rollout.js"
import { Forecast } from "./forecast.js"
import { DONE, type RolloutPorts, type StepOutcome } from "./ports.js"

/** After something that could not be done, before it is tried again. */
const TRY_AGAIN_SECONDS = 2
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
export async function leadRollout(plan: RolloutPlan, first: RolloutState, ports: RolloutPorts, options: LeadOptions): Promise<RolloutState> {
  const { store, cluster, say } = ports
  const started = await cluster.clock()
  const turn = new Turn(plan, ports)
  const forecast = new Forecast(plan, ports.metrics)
  await forecast.begin()
  let state = first
  const keep = async (event: RolloutEvent, obeyed: readonly GivenCommand[] = []): Promise<void> => {
    const before = state
    state = advanceRollout(plan, state, event)
    if (!isLeaving(before) && isLeaving(state)) say(`${state.ending?.verdict ?? "error"}: ${state.ending?.reason ?? ""}`)
    await store.save(state, obeyed)
  }
  if (options.takenUp) await keep({ kind: "taken-up", atSeconds: started })
  let told = ""
  while (!hasEnded(state)) {
    if (options.untilWeight && state.phase === "weight" && state.step === 0) break
    const line = state.phase === "weight" ? `${rolloutLine(plan, state)}, ${await forecast.line(state)}` : rolloutLine(plan, state)
    if (line !== told) say(line)
    told = line
    const given = await store.commands()
    for (const command of given) {
      const refusal = refusedCommand(state, command.command, command.reason)
      say(`${command.command} by ${command.by}${refusal === null ? "" : ` refused: ${refusal}`}`)
      await keep({ kind: "person", atSeconds: await cluster.clock(), ...command }, [command])
    }
    if (hasEnded(state)) break
    if (state.phase === "keep") await cluster.disarm()
    const now = await cluster.clock()
    if (now - started > options.limitSeconds && !isLeaving(state) && state.phase !== "remove") {
      await keep({ kind: "impossible", phase: state.phase, atSeconds: now, fault: "surroundings", reason: `not at its end after ${options.limitSeconds} s, the stage's time` })
      continue
    }
    await keep(await turn.take(state))
  }
  await ports.traffic.keepUp("nobody")
  return state
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

  async take(state: RolloutState): Promise<RolloutEvent> {
    const action = rolloutAction(this.plan, state)
    const { cluster, sleep } = this.ports
    if (action.kind === "sample") return this.#sample(state, action)
    if (action.kind === "wait" || action.kind === "finished") {
      await this.#listening(action.kind === "wait" ? action.seconds : 0)
      return { kind: "waiting", atSeconds: await cluster.clock() }
    }
    const outcome = await this.#carryOut(state, action).catch((error: unknown): StepOutcome => ({ kind: "impossible", fault: "surroundings", reason: wordsOf(error) }))
    if (outcome.kind === "impossible") await sleep(TRY_AGAIN_SECONDS)
    const { phase } = state
    return { ...outcome, phase, atSeconds: await cluster.clock() }
  }

  async #carryOut(state: RolloutState, action: Exclude<RolloutAction, { kind: "sample" | "wait" | "finished" }>): Promise<StepOutcome> {
    const { cluster, traffic } = this.ports
    switch (action.kind) {
      case "scale-canary":
        return cluster.scaleTrack(action.weightPercent)
      case "await-ready":
        return cluster.awaitReady()
      case "smoke":
        return cluster.smoke()
      case "set-weight":
        return this.#setWeight(state, action.weightPercent)
      case "update-stable":
        return cluster.updateStable()
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

  async #sample(state: RolloutState, { afterSeconds, synthesize }: Extract<RolloutAction, { kind: "sample" }>): Promise<RolloutEvent> {
    const { cluster, metrics, traffic } = this.ports
    await traffic.keepUp(synthesize ? "track" : "everybody")
    await this.#listening(afterSeconds)
    try {
      const isUp = state.phase === "observe" || state.phase === "measure"
      const [snapshot, readings, carried] = await Promise.all([metrics.snapshot(), metrics.readings(), isUp ? cluster.carried(this.plan.steps[state.step]?.weightPercent ?? 0) : DONE])
      const atSeconds = await cluster.clock()
      if (carried.kind === "impossible") return { ...carried, phase: state.phase, atSeconds }
      if (state.baseline === null && snapshot.atSeconds <= this.#countFrom) return { kind: "waiting", atSeconds }
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

