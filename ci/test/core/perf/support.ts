import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { LoadFiles } from "../../../src/core/perf/load-folder.js"
import { NO_FLAGS, readLoadRequest, type LoadRequest, type PerfFlags } from "../../../src/core/perf/load-request.js"
import type { LoadBudget } from "../../../src/core/perf/load-budget.js"
import { DEFAULT_PROFILES, DEFAULT_TARGET } from "../../../src/core/perf/load-profiles.js"
import { planLoad, type LoadPlan } from "../../../src/core/perf/load-plan.js"
import { chosenProfile, shapeLoad, type LoadShape } from "../../../src/core/perf/load-shape.js"
import type { LoadPoint } from "../../../src/core/perf/recording.js"
import { fixture } from "../support.js"

/** What one real load test left; `edit` replaces files, null takes one away. */
export function loadFiles(name: "passed" | "slow" | "wrong", edit: Readonly<Record<string, string | null>> = {}): LoadFiles {
  const names = readdirSync(fileURLToPath(new URL(`../fixtures/perf/${name}`, import.meta.url)))
  const files = { ...Object.fromEntries(names.map((file) => [file, fixture(`perf/${name}/${file}`)])), ...edit }
  return Object.fromEntries(Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== null))
}

export const request = (flags: Partial<PerfFlags> = {}): LoadRequest => readLoadRequest({ ...NO_FLAGS, ...flags })

export const BUDGET: LoadBudget = { p95Milliseconds: 500, p99Milliseconds: null, errorRate: 0.001, minimumRequests: null, maximumSlowdownPercent: null, source: "perf/budgets.json" }

export function shapeOf(flags: Partial<PerfFlags>): LoadShape {
  const wanted = request(flags)
  const chosen = chosenProfile(wanted, DEFAULT_PROFILES)
  if (chosen === null) throw new Error(`no profile ${flags.profile}`)
  return shapeLoad(wanted, chosen, DEFAULT_TARGET, BUDGET.p95Milliseconds / 1000)
}

export function planOf(flags: Partial<PerfFlags>, budget: Partial<LoadBudget> = {}): LoadPlan {
  const facts = { runId: "run-1", commit: "c0ffee", environment: "staging", baseUrl: "https://staging.example.org", scenario: "documents", script: "scenarios/documents.ts" }
  return planLoad(facts, request(flags), { target: DEFAULT_TARGET, profiles: DEFAULT_PROFILES }, { ...BUDGET, ...budget })
}

export const point = (seconds: number, values: Partial<LoadPoint> = {}): LoadPoint => ({
  seconds,
  requestsPerSecond: 100,
  iterationsPerSecond: 20,
  p50Milliseconds: 10,
  p95Milliseconds: 40,
  p99Milliseconds: 60,
  errorRate: 0,
  users: 20,
  dropped: 0,
  ...values,
})
