import { DEADLINE_SECONDS, serverTime, TrackRoute } from "../../src/edges/canary/track-route.js"
import type { HeldLease } from "../../src/edges/deploy/lease-holder.js"
import { insist } from "./insist.js"

const RENEW_MS = 10_000

/** What carries the weight of a track, with the deadline that the dead man's switch waits for: renewed for as long as this program lives and may write. */
export class ArmedRoute {
  #armed = false
  #disarmed = false
  #renewing = false
  #last: Promise<void> = Promise.resolve()
  readonly #timer: NodeJS.Timeout

  constructor(
    readonly route: TrackRoute,
    readonly track: string,
    readonly lease: HeldLease,
    readonly say: (line: string) => void,
    /** The clock by which the cluster waits, in milliseconds. */
    readonly now: () => Promise<number> = () => serverTime(route.connection),
  ) {
    this.#timer = setInterval(() => void this.#renew(), RENEW_MS)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** After each Helm: what came or went is taken over, with the weights as they are. */
  sync(): Promise<void> {
    return this.#inTurn(() => insist(() => this.route.sync()))
  }

  /** Weight and deadline in one write: no track carries anything that the cluster would not take away by itself. */
  setWeight(weightPercent: number): Promise<void> {
    return this.#inTurn(async () => {
      this.lease.assertHeld()
      await insist(async () => this.route.setWeight(this.track, weightPercent, weightPercent === 0 ? null : await this.#deadline()))
      this.#armed = weightPercent > 0
      this.#disarmed = false
    })
  }

  /** The deadline that somebody else has set is renewed from here on, unless the dead man's switch was quicker; where none was set the traffic was to stay. */
  async takeOver(): Promise<{ readonly withdrawn: boolean }> {
    await this.#inTurn(async () => {
      this.lease.assertHeld()
      if (!(await insist(() => this.route.isArmed()))) return
      await insist(async () => this.route.renew(await this.#deadline()))
      this.#armed = true
    })
    return { withdrawn: await insist(() => this.route.isWithdrawn()) }
  }

  /** Whether the dead man's switch has acted since the weight was set. */
  async isWithdrawn(): Promise<boolean> {
    return this.#armed && (await insist(() => this.route.isWithdrawn()))
  }

  /** Nobody need renew any more: what has the traffic was found good, and stays. A deadline may be there that somebody else has set, who was killed. */
  disarm(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#disarmed) return
      this.lease.assertHeld()
      await insist(() => this.route.setWeight(this.track, 100, null))
      this.#armed = false
      this.#disarmed = true
    })
  }

  async #deadline(): Promise<string> {
    return new Date((await this.now()) + DEADLINE_SECONDS * 1000).toISOString()
  }

  async #renew(): Promise<void> {
    // One that hangs must not queue others before a weight of 0.
    if (this.#renewing) return
    this.#renewing = true
    try {
      await this.#inTurn(async () => {
        if (!this.#armed) return
        this.lease.assertHeld()
        await this.route.renew(await this.#deadline())
      })
    } catch (error) {
      this.say(`the deadline of the dead man's switch could not be renewed: ${error instanceof Error ? error.message : String(error)}`)
    } finally {
      this.#renewing = false
    }
  }

  /** One write after the other: a renewal that is on its way would set the deadline again that a later write has just taken off. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work)
    // Whoever asked for it is told how it ended; the next one begins all the same.
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
