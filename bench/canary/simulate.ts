// Simulates releases, ten thousand a cell with fixed seeds, for this judge and the default rules of three others.
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { seeded } from "./chance.js"
import { argo, flagger, kayenta } from "./others.js"
import { intervalSeconds, ours } from "./ours.js"
import type { Cell, Outcome, Rule } from "./release.js"
import { table, type Line } from "./tables.js"

const BASES = [0.0001, 0.001, 0.01]
const EFFECTS = [0, 1, 2, 5, 10, 20]
const SHARES = [0.1, 0.25, 0.5, null]
const RATES = [20, 200, 2000]
const RULES: readonly Rule[] = [ours, argo, flagger, kayenta]

export interface Measured {
  readonly rule: string
  readonly cell: Cell
  readonly releases: number
  readonly aborted: number
  readonly promoted: number
  readonly inconclusive: number
  /** Of those that were aborted: within how many requests to the canary. */
  readonly within300: number
  readonly within600: number
  /** Quantiles of the seconds to a promotion, and to an abort. */
  readonly promotionSeconds: readonly (number | null)[]
  readonly abortSeconds: readonly (number | null)[]
  readonly abortRequests: readonly (number | null)[]
}

export const QUANTILES = [0.1, 0.5, 0.9, 0.99]

/** What is asked most, the healthy and those of five points more, comes first; a run that was stopped goes on where it was. */
export function simulate(releases: number, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `canary-${releases}.jsonl`)
  const known = new Map(existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n").map((line) => [key(JSON.parse(line)), JSON.parse(line) as Measured]) : [])
  const first = [0, 5]
  const wanted = [first, EFFECTS.filter((effect) => !first.includes(effect))].flatMap((effects) =>
    RULES.flatMap((rule) => effects.flatMap((effectPoints) => cellsOf(effectPoints).map((cell) => ({ rule, cell })))),
  )
  const late = [5, 10, 20].flatMap((effectPoints) => BASES.flatMap((base) => RATES.map((requestsPerMinute) => ({ rule: ours, cell: { base, effectPoints, share: null, requestsPerMinute, breaksAtShare: 1 } }))))
  const lines = [...wanted.slice(0, wanted.length / 3), ...late, ...wanted.slice(wanted.length / 3)].map(({ rule, cell }) => {
    const before = known.get(key({ rule: rule.name, cell }))
    if (before !== undefined) return before
    const line = measure(rule, cell, releases)
    appendFileSync(path, `${JSON.stringify(line)}\n`)
    return line
  })
  console.log(`${lines.length} cells of ${releases} releases; ${intervalText()}`)
  for (const rule of RULES) console.log(`  ${rule.name}: ${rule.source}`)
  for (const { title, head, rows } of table(lines, RULES.map(({ name }) => name))) print(title, [head, ...rows])
  console.log(`\nevery cell: ${path}`)
}

function cellsOf(effectPoints: number): readonly Cell[] {
  return BASES.flatMap((base) => SHARES.flatMap((share) => RATES.map((requestsPerMinute) => ({ base, effectPoints, share, requestsPerMinute }))))
}

function key({ rule, cell }: { readonly rule: string; readonly cell: Cell }): string {
  return [rule, cell.base, cell.effectPoints, cell.share, cell.requestsPerMinute, ...(cell.breaksAtShare === undefined ? [] : [cell.breaksAtShare])].join(" ")
}

function intervalText(): string {
  return `this judge looks every ${RATES.map((rate) => `${intervalSeconds(rate)} s at ${rate}`).join(", ")} requests a minute`
}

/** One seed for each cell, so that a cell can be repeated alone. */
function measure(rule: Rule, cell: Cell, releases: number): Measured {
  const chance = seeded(Math.round(cell.base * 1e6) * 31 + cell.effectPoints * 1009 + Math.round((cell.share ?? 0) * 100) * 7 + cell.requestsPerMinute)
  const outcomes: Outcome[] = Array.from({ length: releases }, () => rule.release(chance, cell))
  const of = (verdict: Outcome["verdict"]): Outcome[] => outcomes.filter((outcome) => outcome.verdict === verdict)
  const [aborted, promoted] = [of("aborted"), of("promoted")]
  return {
    rule: rule.name,
    cell,
    releases,
    aborted: aborted.length,
    promoted: promoted.length,
    inconclusive: releases - aborted.length - promoted.length,
    within300: aborted.filter(({ canaryRequests }) => canaryRequests <= 300).length,
    within600: aborted.filter(({ canaryRequests }) => canaryRequests <= 600).length,
    promotionSeconds: quantiles(promoted.map(({ seconds }) => seconds)),
    abortSeconds: quantiles(aborted.map(({ seconds }) => seconds)),
    abortRequests: quantiles(aborted.map(({ canaryRequests }) => canaryRequests)),
  }
}

function quantiles(values: number[]): readonly (number | null)[] {
  const sorted = values.sort((one, other) => one - other)
  return QUANTILES.map((part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? null)
}

function print(title: string, rows: readonly Line[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  console.log(`\n## ${title}`)
  for (const row of rows) console.log(row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join("  "))
}
