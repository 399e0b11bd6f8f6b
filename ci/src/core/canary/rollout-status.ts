import { judgeCanary } from "./judge.js"
import { tallyText } from "./judge-words.js"
import { rolloutLine } from "./rollout-line.js"
import { planRequests, stepRequestsText } from "./requests-needed.js"
import type { RolloutPlan } from "./rollout-plan.js"
import type { RolloutState } from "./rollout-state.js"
import type { StoredRollout } from "./stored-rollout.js"

/** A rollout for a person: where it is, what was counted, what was decided; `withdrawn`: by the dead man's switch. */
export function rolloutStatusText({ facts, plan, state, commands }: StoredRollout, leader: string | null, withdrawn = false): string {
  const judgement = state.timeline.length === 0 ? [] : judgeCanary(plan.judge, state.judge).metrics.map(({ text }) => `  ${text}`)
  const decisions = state.decisions.map(({ seconds, by, what, reason }) => `  ${seconds.toFixed(0).padStart(5)} s  ${by}: ${what}${reason === "" ? "" : `: ${reason}`}`)
  return [
    `${plan.kind === "canary" ? "canary" : "blue/green"} of ${facts.commit} in ${facts.environment}, begun ${facts.startedAt} by run ${facts.runId}${leader === null ? "; nobody leads it now" : `; run ${leader} leads it`}`,
    `services ${facts.services.join(", ")} as track ${facts.track} beside ${facts.live}, goes back to revision ${facts.captured}`,
    rolloutLine(plan, state),
    ...(withdrawn ? ["the cluster has taken the traffic away by itself since, for nobody renewed the deadline: stable has all of it"] : []),
    ...(state.ending === null ? [] : [`${state.ending.verdict}: ${state.ending.reason}`]),
    ...(commands.length === 0 ? [] : [`waiting to be obeyed: ${commands.map(({ command, by }) => `${command} by ${by}`).join(", ")}`]),
    ...(judgement.length === 0 ? [] : ["counted so far:", ...judgement]),
    ...(decisions.length === 0 ? [] : ["decisions:", ...decisions]),
    "",
  ].join("\n")
}

/** What each step takes, before it begins, where stable has neither errors nor slow answers. */
export function stepsText(plan: RolloutPlan): readonly string[] {
  return planRequests(plan.judge, plan.steps.map(({ weightPercent }) => weightPercent), {}, null).map((step) => stepRequestsText(step, null))
}

/** The weights that it had, and what the canary answered in all: `10 → 25 %, 24 of 300 (8.0 %) errors`. */
export function courseText({ timeline }: Pick<RolloutState, "timeline">): string {
  const weights = [...new Set(timeline.map(({ weightPercent }) => weightPercent))]
  const last = timeline.at(-1)
  return last === undefined ? "no traffic moved" : `${weights.join(" → ")} %, ${tallyText(last.canary)} errors`
}
