import type { Notice } from "../notify/notice.js"
import type { RolloutState } from "./rollout-state.js"
import { courseText } from "./rollout-status.js"

/** A rollout as it may be shown outside of its run: no reason in which a tool has spoken. */
export function toldRollout(state: RolloutState): RolloutState {
  const { ending, decisions } = state
  return { ...state, ending: ending === null ? null : { ...ending, reason: ending.told }, decisions: decisions.map((decision) => ({ ...decision, reason: "" })) }
}

/** What is told of a rollout that was taken back, or that is stuck; null where there is nothing to tell. */
export function rolloutNotice(state: RolloutState): Pick<Notice, "event" | "judgement"> | null {
  const { phase, ending } = state
  if (phase !== "aborted" && phase !== "stranded") return null
  const told = ending === null ? [] : [ending.told]
  return { event: phase === "aborted" ? "rolled-back" : "critical", judgement: [...told, courseText(state)].join("; ") }
}
