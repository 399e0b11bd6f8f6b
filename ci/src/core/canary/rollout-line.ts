import { judgeCanary, type Judgement, type MetricJudgement } from "./judge.js"
import { percentText, tallyText } from "./judge-words.js"
import { readingsStillNeeded, requestsStillNeeded, timeText } from "./requests-needed.js"
import type { RolloutPlan } from "./rollout-plan.js"
import { stepWeight, type RolloutState } from "./rollout-state.js"

/**
 * The live line: `step 2 of 4, 25 %: observed 25 %, canary 3 of 1210 (0.25 %) errors: inconclusive, 80 more requests to the canary, about 12 s; hold in 55 min`.
 * It says what is waited for, for how long, and what happens then.
 */
export function rolloutLine(plan: RolloutPlan, state: RolloutState): string {
  const place = `step ${state.step + 1} of ${plan.steps.length}, ${stepWeight(plan, state)} %`
  const waits = state.paused !== null ? `, paused by ${state.paused.by}` : state.held !== null ? ", held" : ""
  if (state.phase !== "observe" && state.phase !== "measure") return `${place}: ${state.phase}${waits}`
  const judgement = judgeCanary(plan.judge, state.judge)
  const total = state.observed.canary + state.observed.stable
  const observed = total === 0 ? "no request yet" : `observed ${percentText(state.observed.canary / total)}`
  const counts = judgement.metrics.slice(0, 1).map(({ canary }) => `canary ${tallyText(canary)} errors`).join("")
  const next = judgement.verdict === "passed" ? watchedText(plan, state) : judgement.verdict === "inconclusive" ? missingText(plan, state, judgement) : ""
  return `${place}: ${observed}, ${counts}: ${judgement.verdict}${next}${state.synthetic ? ", with requests of our own" : ""}${waits}`
}

/** `, watched for 40 s more`: enough was shown, and it is not yet time. */
function watchedText({ steps }: RolloutPlan, { step, stepSeconds, paused }: RolloutState): string {
  const left = (steps[step]?.holdSeconds ?? 0) - stepSeconds
  return paused === null && left > 0 ? `, watched for ${timeText(left)} more` : ""
}

/** What is missing and about how long that takes, or what stands against it; and what too little evidence does when. */
function missingText(plan: RolloutPlan, state: RolloutState, judgement: Judgement): string {
  const requests = requestsStillNeeded(plan.judge, state.judge, judgement)
  const perSecond = state.stepSeconds > 0 ? state.observed.canary / state.stepSeconds : 0
  const ofRequests = requests === null || requests <= 1 ? [] : [`${requests} more requests to the canary${perSecond > 0 ? `, about ${timeText(requests / perSecond)}` : ""}`]
  const ofReadings = readingsStillNeeded(plan.judge, state.judge, judgement).map(({ name, readings }) => `${readings} more answers of query ${name}, about ${timeText(readings * plan.intervalSeconds)}`)
  const isSaid = ({ name, cause }: MetricJudgement): boolean => WAITED_FOR.includes(cause) || (cause === "no-data" && requests !== null && OF_ALL.includes(name))
  const against = judgement.metrics.filter((metric) => metric.verdict === "inconclusive" && !isSaid(metric)).map(({ text }) => text)
  const left = (plan.steps[state.step]?.maximumSeconds ?? 0) - state.stepSeconds
  const then = state.held === null && state.paused === null && left > 0 ? `; ${plan.inconclusive} in ${timeText(left)}` : ""
  return `${[...ofRequests, ...ofReadings, ...(state.judge.looks > 0 ? against : [])].map((part) => `, ${part}`).join("")}${then}`
}

/** Metrics of all requests: that there are none yet is said by how many are missing. */
const OF_ALL: readonly string[] = ["errors", "latency"]
const WAITED_FOR: readonly string[] = ["too-few-requests", "too-few-in-this-step"]
