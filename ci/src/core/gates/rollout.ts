import type { RolloutOutcome } from "../canary/rollout-outcome.js"
import { courseText } from "../canary/rollout-status.js"
import type { RolloutState } from "../canary/rollout-state.js"
import type { GateResult } from "../run.js"
import { errorGate, passedGate } from "./gate.js"

/** The gate of a rollout, as its controller has left it; `synthetic`: who asked was we. */
export function judgeRollout(outcome: RolloutOutcome, synthetic: boolean): GateResult {
  if ("reason" in outcome) return outcome.kind === "refused" ? errorGate(outcome.reason) : passedGate(outcome.reason)
  const { facts, state, sent, revision } = outcome
  if (outcome.kind === "at-weight") return passedGate(`revision ${facts.withTrack}: ${facts.services.join(", ")} as track ${facts.track} beside ${facts.live} at weight 0, ready, its smoke checks passed`)
  const { verdict, reason } = state.ending ?? { verdict: "error", reason: "it ended without a verdict" }
  const own = sent.requests > 0 ? `; synthetic traffic: ${sent.requests} requests, ${sent.failed} failed` : synthetic && state.timeline.length > 0 ? "; synthetic traffic" : ""
  const words = `${WHERE[state.phase] ?? state.phase} after ${Math.round(state.seconds)} s, ${courseText(state)}; now revision ${revision}: ${reason}${own}`
  return { verdict, skipKind: null, reason: words, findings: verdict === "passed" ? [] : [{ severity: "high", rule: `${facts.track}: ${decidedBy(state)}`, message: reason, file: null, line: null }] }
}

const WHERE: Readonly<Record<string, string>> = { promoted: "promoted", aborted: "taken back, the traffic first, stable proven healthy,", stranded: "STRANDED" }

function decidedBy({ decisions }: RolloutState): string {
  return decisions.findLast(({ what }) => what === "abort")?.by ?? "controller"
}
