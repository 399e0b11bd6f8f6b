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
function tolerance(asked: number): number {
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
  const off = lower > asked + tolerance(asked) || upper < asked - tolerance(asked)
  const near = Math.abs(share - asked) <= tolerance(asked) && total >= fewestToTell(asked)
  const state = off ? "different" : near ? "as-asked" : "too-few-requests"
  return { state, share, text: `asked for ${weightPercent} %, observed ${percentText(share)}: ${tallyText(tally)} requests` }
}

/** Enough to have seen the canary at all: its share of them is 3 requests; for 0 % and 100 %, that none is the other's. */
function fewestToTell(asked: number): number {
  const smaller = Math.min(asked, 1 - asked)
  return smaller === 0 ? 20 : Math.ceil(3 / smaller)
}

/** The weight that whole pods can give without a router, and whether it may go by the name that was asked for. */
export function replicaRatio(weightPercent: number, stableReplicas: number, canaryReplicas: number): { readonly share: number; readonly honest: boolean; readonly text: string } {
  const pods = stableReplicas + canaryReplicas
  const share = pods === 0 ? 0 : canaryReplicas / pods
  const honest = Math.abs(share - weightPercent / 100) <= tolerance(weightPercent / 100)
  const needed = Math.ceil(100 / weightPercent)
  const text = `${canaryReplicas} of ${pods} pods are ${percentText(share)} of the traffic, asked for ${weightPercent} %`
  return { share, honest, text: honest ? text : `${text}: give it ${needed} pods in all, or a router that takes weights` }
}
