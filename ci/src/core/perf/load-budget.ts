import type { PerfBudgets } from "../config/environments.js"

/** What a load test must stay within. */
export interface LoadBudget {
  readonly p95Milliseconds: number
  readonly p99Milliseconds: number | null
  /** Share of failed requests, 0 to 1. */
  readonly errorRate: number
  /** Fewer requests prove nothing; null leaves it to the load. */
  readonly minimumRequests: number | null
  /** How much slower than the last good runs is too slow; null: told, not judged. */
  readonly maximumSlowdownPercent: number | null
  /** Where it comes from, for people. */
  readonly source: string
}

/** An entry of perf/budgets.json. */
export interface BudgetEntry {
  readonly p95Milliseconds?: number
  readonly p99Milliseconds?: number
  readonly errorRate?: number
  readonly maximumSlowdownPercent?: number
}

/** The SLO of a product that names none. */
export const DEFAULT_SLO = { p95Milliseconds: 500, errorRate: 0.001 }

/** The budget of an environment: delivery.yaml before the file of the load tests, before the SLO. */
export function budgetFor(environment: string, file: { readonly name: string; readonly budgets: Readonly<Record<string, BudgetEntry>> } | null, configured: PerfBudgets): LoadBudget {
  const entry = file !== null && Object.hasOwn(file.budgets, environment) ? file.budgets[environment] : undefined
  const fromConfig = configured.p95Ms !== null || configured.errorRate !== null || configured.p99Ms !== null
  const source = fromConfig ? "delivery.yaml" : entry === undefined ? "no budget is set, so the SLO" : (file?.name ?? "")
  return {
    p95Milliseconds: configured.p95Ms ?? entry?.p95Milliseconds ?? DEFAULT_SLO.p95Milliseconds,
    p99Milliseconds: configured.p99Ms ?? entry?.p99Milliseconds ?? null,
    errorRate: configured.errorRate ?? entry?.errorRate ?? DEFAULT_SLO.errorRate,
    minimumRequests: configured.minimumRequests,
    maximumSlowdownPercent: entry?.maximumSlowdownPercent ?? null,
    source,
  }
}
