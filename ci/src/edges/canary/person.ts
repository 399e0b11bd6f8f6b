import { randomUUID } from "node:crypto"
import { refusedCommand } from "../../core/canary/rollout.js"
import { rolloutLine } from "../../core/canary/rollout-line.js"
import type { PersonCommand } from "../../core/canary/rollout-events.js"
import { hasEnded } from "../../core/canary/rollout-state.js"
import { rolloutStatusText } from "../../core/canary/rollout-status.js"
import { splitServices } from "../../core/canary/track-pods.js"
import { errorGate, passedGate } from "../../core/gates/gate.js"
import { judgeRollout } from "../../core/gates/rollout.js"
import { lastLines } from "../../core/gates/exec.js"
import type { LeaseObject } from "../../core/deploy/lease.js"
import { environmentRow } from "../../core/deploy/environment-run.js"
import { environmentTools, type EnvironmentTools } from "../deploy/environment-tools.js"
import { stateName } from "../deploy/delivery-state.js"
import { kubeJsonIfThere } from "../deploy/kube-client.js"
import { takeLease } from "../deploy/lease-holder.js"
import type { Run, StageOutput } from "../run.js"
import { keepRollout } from "./rollout-end.js"
import { ClusterRollout } from "./rollout-store.js"
import { runController } from "./run-controller.js"
import { routeOf } from "./track-route.js"

/** A controller that lives obeys within a second, unless it is at a Helm. */
const OBEYED_WITHIN_MS = 90_000
const LOOK_MS = 500
/** A dead controller's Lease is nobody's after its length. */
const ABORT_LEASE_WAIT_SECONDS = 60

const storeOf = ({ target, release }: EnvironmentTools): ClusterRollout => new ClusterRollout(target.connection, release.namespace, release.name, `person-${randomUUID()}`)

/** Where the rollout of an environment is. */
export async function rolloutStatus(run: Run, environment: string): Promise<string> {
  const tools = await environmentTools(run, environment, "canary-status")
  const stored = await storeOf(tools).read()
  if (stored === null) return `${environment}: no rollout is known here`
  const split = splitServices(Object.values(run.checkout.config.services), stored.facts.services)
  const withdrawn = !hasEnded(stored.state) && (await routeOf(tools.target.connection, tools.release, stored.facts, split).isWithdrawn())
  return rolloutStatusText(stored, await leaderOf(tools), withdrawn)
}

/** Tells the rollout's controller what a person wants; an abort that nobody is there for is carried out here. */
export async function commandRollout(run: Run, environment: string, wish: { readonly command: PersonCommand; readonly by: string; readonly reason: string }): Promise<StageOutput> {
  const { command, reason } = wish
  const tools = await environmentTools(run, environment, `canary-${command}`)
  const store = storeOf(tools)
  const stored = await store.read()
  if (stored === null) return { gate: errorGate(`${environment}: no rollout is known here`) }
  const refusal = refusedCommand(stored.state, command, reason)
  if (refusal !== null) return { gate: errorGate(`${environment}: ${refusal}`) }
  const id = randomUUID()
  await store.give({ id, ...wish })
  const leader = await leaderOf(tools)
  if (leader === null && command === "abort") return takeBack(run, environment, tools)
  if (leader === null) return { gate: passedGate(`${command} is recorded; nobody leads the rollout now: ./daggerw call deploy --environment ${environment} with the same release takes it up`) }
  const giveUp = Date.now() + OBEYED_WITHIN_MS
  while (Date.now() < giveUp) {
    const now = await store.read()
    if (now === null || now.commands.every((other) => other.id !== id)) return { gate: passedGate(`${command}: run ${leader} has obeyed${now === null ? "" : `: ${rolloutLine(now.plan, now.state)}`}`) }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  if (command === "abort") return takeBack(run, environment, tools)
  return { gate: errorGate(`${command}: run ${leader} leads the rollout and has not obeyed within ${OBEYED_WITHIN_MS / 1000} s`) }
}

/** Whoever holds the environment's Lease; null when nobody does. */
async function leaderOf({ target, release }: EnvironmentTools): Promise<string | null> {
  const lease = await kubeJsonIfThere<LeaseObject>(target.connection, `/apis/coordination.k8s.io/v1/namespaces/${release.namespace}/leases/${stateName(release.name)}`)
  const { holderIdentity = "", renewTime = "", leaseDurationSeconds = 0 } = lease?.spec ?? {}
  if (holderIdentity === null || holderIdentity === "") return null
  return Date.now() - Date.parse(renewTime ?? "") > 2000 * (leaseDurationSeconds ?? 0) ? null : holderIdentity
}

async function takeBack(run: Run, environment: string, tools: EnvironmentTools): Promise<StageOutput> {
  const { target, release } = tools
  const say = (line: string): void => console.log(`canary-abort (${environment}): ${line}`)
  const lease = await takeLease(target.connection, { namespace: release.namespace, name: stateName(release.name), holder: run.header.runId, waitSeconds: ABORT_LEASE_WAIT_SECONDS, say })
  try {
    const row = environmentRow("canary", environment)
    const led = await runController(run, row, target, null, { release, begin: null, services: Object.values(run.checkout.config.services), latencyMs: 500, queries: {}, traffic: null })
    const evidence = await keepRollout(run, `logs/canary-abort-${environment}.log`, led, { environment, connection: target.connection, release })
    if (led.outcome === null) return { gate: errorGate(`the canary's program could not go on: ${lastLines(led.said, 1)}`), evidence }
    const gate = judgeRollout(led.outcome, false)
    // That it was taken back is what was asked for.
    const done = led.outcome.kind === "ended" && led.outcome.state.phase === "aborted"
    return { gate: done ? passedGate(gate.reason) : gate, evidence }
  } finally {
    await lease.release()
  }
}
