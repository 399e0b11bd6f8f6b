// What a simulated release is, and what a rule says of it.
import { binomial, type Chance } from "./chance.js"

/** One cell of the table: a world in which ten thousand releases are tried. */
export interface Cell {
  /** Error share of stable, 0 to 1. */
  readonly base: number
  /** How much worse the canary is, in points of a hundred. */
  readonly effectPoints: number
  /** Share of the traffic that the canary gets; null: as the rule's own steps say. */
  readonly share: number | null
  readonly requestsPerMinute: number
  /** The canary is as good as stable until it has this share; left out: it is worse from the first request on. */
  readonly breaksAtShare?: number
}

export interface Outcome {
  readonly verdict: "aborted" | "promoted" | "inconclusive"
  /** Requests that the canary had answered when that was decided, and the seconds since it got the first. */
  readonly canaryRequests: number
  readonly seconds: number
}

export interface Rule {
  readonly name: string
  /** Where its numbers come from. */
  readonly source: string
  readonly release: (chance: Chance, cell: Cell) => Outcome
}

export interface Track {
  requests: number
  errors: number
}

/** Traffic of one release. Routers take turns, so shares are exact; what is left over goes to the next interval. */
export class Traffic {
  canaryRequests = 0
  seconds = 0
  #all = 0
  #toCanary = 0

  constructor(
    readonly chance: Chance,
    readonly cell: Cell,
  ) {}

  /** So many seconds at this share. */
  pass(seconds: number, share: number): { canary: Track; stableRequests: number } {
    const { requestsPerMinute, base, effectPoints, breaksAtShare = 0 } = this.cell
    this.seconds += seconds
    this.#all += (requestsPerMinute * seconds) / 60
    const all = Math.floor(this.#all)
    this.#all -= all
    this.#toCanary += all * share
    const canary = Math.min(all, Math.floor(this.#toCanary + 1e-9))
    this.#toCanary -= canary
    this.canaryRequests += canary
    return {
      canary: { requests: canary, errors: binomial(this.chance, canary, Math.min(1, base + (share < breaksAtShare ? 0 : effectPoints / 100))) },
      stableRequests: all - canary,
    }
  }

  /** What stable made of its requests, for those who look at it. */
  stable(requests: number): Track {
    return { requests, errors: binomial(this.chance, requests, this.cell.base) }
  }

  outcome(verdict: Outcome["verdict"]): Outcome {
    return { verdict, canaryRequests: this.canaryRequests, seconds: this.seconds }
  }
}
