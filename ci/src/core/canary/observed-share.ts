import { shareBand } from "./confidence.js"
import { percentText, tallyText } from "./judge-words.js"

export interface ObservedShare {
  readonly state: "as-asked" | "different" | "too-few-requests"
  /** Null without a request. */
  readonly share: number | null
  readonly text: string
}

/** A router that does what it is told is mistaken for one that does not in one of ten thousand looks for ever. */
const DOUBT = 1e-4

/** A tenth of the requests may be 7.5 to 12.5 %; a share of none may be 2 %: Gateway API allows "some epsilon". */
export function shareTolerance(asked: number): number {
  return Math.max(0.02, asked * 0.25)
}

/**
 * Whether the router gives the canary what it was told to. Believed only when measured: a router that ignores weights
 * accepts them all the same. Sound within the tolerance, and only as many requests as tell it from a wrong one.
 */
export function observeShare(weightPercent: number, canaryRequests: number, stableRequests: number): ObservedShare {
  const asked = weightPercent / 100
  const total = canaryRequests + stableRequests
  const tally = { bad: canaryRequests, total }
  if (total === 0) return { state: "too-few-requests", share: null, text: `asked for ${weightPercent} %, no request since` }
  const share = canaryRequests / total
  const { lower, upper } = shareBand(tally, DOUBT, Math.min(0.5, Math.max(0.02, asked)))
  const off = lower > asked + shareTolerance(asked) || upper < asked - shareTolerance(asked)
  const near = Math.abs(share - asked) <= shareTolerance(asked) && total >= fewestToTell(asked)
  const state = off ? "different" : near ? "as-asked" : "too-few-requests"
  return { state, share, text: `asked for ${weightPercent} %, observed ${percentText(share)}: ${tallyText(tally)} requests` }
}

/** Enough to have seen the canary at all: its share of them is 3 requests; for 0 % and 100 %, that none is the other's. */
function fewestToTell(asked: number): number {
  const smaller = Math.min(asked, 1 - asked)
  return smaller === 0 ? 20 : Math.ceil(3 / smaller)
}
