import { setTimeout as sleep } from "node:timers/promises"
import { switchDecision } from "../../../src/core/route/switch-decision.js"
import type { RouteClient } from "./route-client.js"

/** What the probes ask. */
export interface SwitchHealth {
  /** When the route was last seen, by the monotonic clock of this process, in milliseconds; null when it never was. */
  seenAt: number | null
}

const TRIES = 5

/** Looks once and does what is due. Of two writers the second one reads again: the gateway writes too, its status. */
export async function lookOnce(client: RouteClient, health: SwitchHealth, say: (line: string) => void): Promise<void> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { route, now } = await client.read()
    if (route === null) {
      health.seenAt = performance.now()
      return
    }
    const decision = switchDecision(route, now, client.carrier)
    const outcome = decision.kind === "nothing" ? "applied" : await client.apply(decision.apply)
    health.seenAt = performance.now()
    if (outcome === "conflict") continue
    if (decision.kind === "withdraw") say(`all requests go to the live track: ${decision.reason}`)
    if (decision.kind === "sync") say(`rules written anew: ${decision.reason}`)
    return
  }
  throw new Error(`of ${TRIES} writes none was made on the route as it was: somebody else writes it all the time`)
}

/** Looks until it is stopped. What goes wrong is said once, not every two seconds. */
export async function watchRoute(client: RouteClient, health: SwitchHealth, pollMs: number, stop: AbortSignal, say: (line: string) => void): Promise<void> {
  let trouble: string | null = null
  while (!stop.aborted) {
    try {
      await lookOnce(client, health, say)
      if (trouble !== null) say("the route is seen again")
      trouble = null
    } catch (error) {
      const text = error instanceof Error ? error.message.replace(/\s+/g, " ").slice(0, 300) : String(error)
      if (text !== trouble) say(`the route cannot be looked after: ${text}`)
      trouble = text
    }
    // Ended early by the stop, which the loop sees.
    await sleep(pollMs, undefined, { signal: stop }).catch(() => undefined)
  }
}
