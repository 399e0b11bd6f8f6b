import { UsageError } from "../errors.js"
import type { LoadBudget } from "./load-budget.js"
import { k6Scenario, k6Thresholds, warmUpOptions, type K6Scenario, type K6Thresholds } from "./k6-options.js"
import type { LoadProfile, LoadTarget } from "./load-profiles.js"
import type { LoadRequest } from "./load-request.js"
import { chosenProfile, goesBeyond, shapeLoad, type LoadShape } from "./load-shape.js"

/** plan.json: all that one load test was asked to do, written before it begins. */
export interface LoadPlan {
  readonly schemaVersion: 1
  readonly runId: string
  readonly commit: string
  readonly environment: string
  readonly baseUrl: string
  readonly scenario: string
  /** Of the script, below the folder of the load tests. */
  readonly script: string
  readonly shape: LoadShape
  readonly budget: LoadBudget
  readonly k6: { readonly scenario: K6Scenario; readonly thresholds: K6Thresholds }
  /** Length of one interval of the recording. */
  readonly periodSeconds: number
}

const DEFAULT_SCENARIO = "documents"
const SCENARIO_SCRIPT = /^scenarios\/([^/]+)\.(ts|js)$/
// A page with more points is no easier to read.
const MOST_INTERVALS = 600

/** The script of a scenario; says which there are when it is none of them. */
export function chosenScript(paths: readonly string[], wanted: string | null, folder: string): { readonly scenario: string; readonly script: string } {
  const scripts = paths.flatMap((path) => {
    const name = SCENARIO_SCRIPT.exec(path)?.[1]
    return name === undefined ? [] : [{ scenario: name, script: path }]
  })
  const names = scripts.map(({ scenario }) => scenario).sort()
  if (names.length === 0) throw new UsageError(`${folder}/scenarios: expected a k6 script such as ${folder}/scenarios/${DEFAULT_SCENARIO}.ts, got none. docs/perf.md tells what it holds.`)
  const found = wanted === null && scripts.length === 1 ? scripts[0] : scripts.find(({ scenario }) => scenario === wanted)
  if (found !== undefined) return found
  if (wanted === null) throw new UsageError(`${folder}/scenarios: expected \`perf.scenario\` in delivery.yaml or --scenario, for there are several: ${names.join(", ")}.`)
  throw new UsageError(`--scenario: expected one of ${names.join(", ")} (${folder}/scenarios), got ${wanted}.`)
}

export interface LoadFacts {
  readonly runId: string
  readonly commit: string
  readonly environment: string
  readonly baseUrl: string
  readonly scenario: string
  readonly script: string
}

export function planLoad(facts: LoadFacts, request: LoadRequest, files: { readonly target: LoadTarget; readonly profiles: Readonly<Record<string, LoadProfile>> }, budget: LoadBudget): LoadPlan {
  const chosen = chosenProfile(request, files.profiles)
  if (chosen === null) throw new UsageError(`--profile: expected one of ${Object.keys(files.profiles).join(", ")}, got ${request.profile}.`)
  const shape = shapeLoad(request, chosen, files.target, budget.p95Milliseconds / 1000)
  return {
    schemaVersion: 1,
    ...facts,
    shape,
    budget,
    k6: { scenario: k6Scenario(shape), thresholds: k6Thresholds(shape, budget) },
    periodSeconds: Math.max(1, Math.ceil(shape.seconds / MOST_INTERVALS)),
  }
}

/** The program that k6 runs: the script with the module's harness around it. */
export function entryScript(script: string): string {
  return `// Made for one call: the script of the product, in the harness of the module.
import * as script from './perf/${script}';
import { harness } from './k6/harness.ts';

const { options, setup, iterate, teardown, handleSummary } = harness(script);
export { options, setup, iterate as default, teardown, handleSummary };
`
}

// Where the load goes beyond the target, no operation is held to the limit by itself; it must only have been there.
const operationLimits = ({ shape, budget }: LoadPlan): readonly string[] => (goesBeyond(shape) || shape.findsLimit ? ["max>=0"] : [`p(95)<${budget.p95Milliseconds}`])

/** What the harness reads from DELIVERY_LOAD, for the load and for the iterations before it. */
export function harnessSettings(plan: LoadPlan, phase: "warm-up" | "load"): string {
  const warmUp = warmUpOptions()
  const { scenario, thresholds } = phase === "load" ? plan.k6 : warmUp
  return JSON.stringify({
    scenarios: { [plan.scenario]: scenario },
    thresholds,
    operationLimits: operationLimits(plan),
    thinkSeconds: plan.shape.thinkSeconds,
    levels: phase === "load" && goesBeyond(plan.shape) ? plan.shape.points : [],
    slowMilliseconds: plan.budget.p95Milliseconds,
  })
}
