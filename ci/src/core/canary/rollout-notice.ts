import type { Notice } from "../notify/notice.js"
import type { RolloutState } from "./rollout-state.js"
import { courseText } from "./rollout-status.js"

/** What of a controller's reason leaves the run: our own words alone, since what comes after them may be a tool's, with whatever it has printed. */
const OWN_WORDS: readonly RegExp[] = [
  /^(?:ready|update-stable|weight|observe|measure|scale): (?:image|crash loop|container|configuration|unschedulable|quota|refused|probe|progress deadline)\b/,
  /^ready: not ready within \d+ s/,
  /^not ready within \d+ s/,
  /no counters for \d+ s while the canary carries traffic/,
  /the router does not give the weight that it was told: asked for [\d.]+ %, observed [\d.]+ %/,
  /the pods do not get the share of their number, or not all of them are scraped/,
  /not at its end after \d+ s, the stage's time/,
  /has crashed under its traffic|crash loop/,
  /^(?:scale|ready|smoke|weight|update-stable|observe|measure)(?=:)/,
]

/** What is told of a rollout that was taken back, or that is stuck; null where there is nothing to tell. */
export function rolloutNotice(state: RolloutState): Pick<Notice, "event" | "judgement"> | null {
  const { phase, ending, decisions } = state
  if (phase !== "aborted" && phase !== "stranded") return null
  const by = decisions.findLast(({ what }) => what === "abort")?.by ?? "controller"
  const reason = ending?.reason ?? ""
  // A judge's words are numbers, and a person's were said to be read.
  const told = by === "controller" ? OWN_WORDS.map((words) => words.exec(reason)?.[0]).find((words) => words !== undefined) : reason
  return { event: phase === "aborted" ? "rolled-back" : "critical", judgement: told === undefined ? courseText(state) : `${told}; ${courseText(state)}` }
}
