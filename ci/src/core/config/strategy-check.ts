import type { SectionProblem } from "./section.js"
import type { CanaryQuery, CanaryStep, RawStrategy, TrafficJudge } from "./strategy.js"

/** The metrics that every canary is judged by; a query cannot have their names. */
const BUILT_IN = ["errors", "latency"]

/** What no schema can say about a strategy. Keys that broke the schema are missing here. */
export function checkStrategy(environment: string, strategy: RawStrategy | undefined): readonly SectionProblem[] {
  if (strategy === undefined || strategy === "rolling") return []
  const kind = "canary" in strategy ? "canary" : "blueGreen"
  const place = ["environments", environment, "strategy", kind]
  const judge = "canary" in strategy ? strategy.canary : strategy.blueGreen
  const synthesizer = [...checkTraffic(place, judge), ...checkRouter(environment, place, judge)]
  if (!("canary" in strategy)) return synthesizer
  const { steps = [], queries = {} } = strategy.canary as { readonly steps?: readonly Partial<CanaryStep>[]; readonly queries?: Readonly<Record<string, Partial<CanaryQuery>>> }
  const path = ["environments", environment, "strategy", "canary"]
  return [
    ...synthesizer,
    ...steps.flatMap((step, index) => checkStep([...path, "steps", index], step, steps[index - 1])),
    ...Object.entries(queries).flatMap(([name, query]) => checkQuery([...path, "queries", name], name, query)),
  ]
}

/** Requests of our own must come from somewhere. A strategy that broke the schema may be anything. */
function checkTraffic(path: SectionProblem["path"], judge: Partial<TrafficJudge> | null | undefined): SectionProblem[] {
  if (judge?.inconclusive !== "synthesize" || judge.traffic !== undefined) return []
  return [{ path: [...path, "inconclusive"], expected: "`traffic.script` beside `synthesize`", got: "none", fix: "Name a k6 script in `traffic`, or choose `hold` or `rollback`." }]
}

/** What a router cannot do is known before anything is written. */
function checkRouter(environment: string, path: SectionProblem["path"], judge: Partial<TrafficJudge> | null | undefined): SectionProblem[] {
  const router = judge?.router ?? "gateway"
  if (router === "gateway") return []
  if (environment === "local") return [{ path: [...path, "router"], expected: "`gateway`, for the cluster of `local` brings one", got: `\`${router}\``, fix: "Take `router` away; try the other ones on a cluster that has them." }]
  if (router === "nginx" || judge?.inconclusive !== "synthesize") return []
  return [{ path: [...path, "inconclusive"], expected: "`hold` or `rollback` beside `router: replicas`, which has no way to the track alone", got: "`synthesize`", fix: "Choose `hold` or `rollback`." }]
}

function checkStep(path: SectionProblem["path"], { weightPercent, holdSeconds = 0, maximumSeconds = Infinity }: Partial<CanaryStep>, before: Partial<CanaryStep> | undefined): SectionProblem[] {
  const earlier = before?.weightPercent ?? 0
  const rising = weightPercent === undefined || weightPercent > earlier
  const problem = (key: string, expected: string, got: string, fix: string): SectionProblem => ({ path: [...path, key], expected, got, fix })
  return [
    ...(rising ? [] : [problem("weightPercent", `more than the ${earlier} before it`, `${weightPercent}`, "Let the weights rise.")]),
    ...(maximumSeconds >= holdSeconds ? [] : [problem("maximumSeconds", `at least \`holdSeconds\`, ${holdSeconds}`, `${maximumSeconds}`, "Raise it, or watch for a shorter time.")]),
  ]
}

function checkQuery(path: SectionProblem["path"], name: string, { minimum, maximum }: Partial<CanaryQuery>): SectionProblem[] {
  const taken = BUILT_IN.includes(name) ? [{ path, expected: "a name of its own", got: `\`${name}\`, which every canary is judged by`, fix: "Give the query another name." }] : []
  if (minimum === undefined && maximum === undefined) {
    return [...taken, { path, expected: "`minimum`, `maximum` or both", got: "neither", fix: "Without a range no answer would be wrong." }]
  }
  if ((minimum ?? -Infinity) <= (maximum ?? Infinity)) return taken
  return [...taken, { path: [...path, "maximum"], expected: `at least the minimum, ${minimum}`, got: `${maximum}`, fix: "No answer could lie in that range." }]
}
