// What of all cells is worth a look, and the goals beside what was measured.
import type { Measured } from "./simulate.js"

export type Line = readonly string[]

export interface Table {
  readonly title: string
  readonly head: Line
  readonly rows: readonly Line[]
}

const percent = (part: number, whole: number): string => (whole === 0 ? "–" : `${((part * 100) / whole).toFixed(2)} %`)
const time = (seconds: number | null | undefined): string => (seconds === null || seconds === undefined ? "–" : seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(0)} min`)
const shareText = (share: number | null): string => (share === null ? "changing" : `${share * 100} %`)

export function table(cells: readonly Measured[], rules: readonly string[]): readonly Table[] {
  const all = cells.filter(({ cell }) => cell.breaksAtShare === undefined)
  const late = cells.filter(({ cell }) => cell.breaksAtShare !== undefined)
  const sum = (lines: readonly Measured[], key: "aborted" | "promoted" | "inconclusive" | "releases" | "within300" | "within600"): number => lines.reduce((total, line) => total + line[key], 0)
  const pick = (rule: string, fits: (cell: Measured["cell"]) => boolean): Measured[] => all.filter((line) => line.rule === rule && fits(line.cell))
  const worst = (lines: readonly Measured[], key: "aborted" | "promoted" | "inconclusive"): number => Math.max(...lines.map((line) => line[key] / line.releases))
  const shares = [...new Set(all.map(({ cell }) => cell.share))]
  const effects = [...new Set(all.map(({ cell }) => cell.effectPoints))].filter((effect) => effect > 0)
  const rates = [...new Set(all.map(({ cell }) => cell.requestsPerMinute))]
  const bases = [...new Set(all.map(({ cell }) => cell.base))]
  const [own = ""] = rules
  const healthy = (rule: string): Measured[] => pick(rule, (cell) => cell.effectPoints === 0)
  const enough = (effect: number): Measured[] => pick(own, (cell) => cell.effectPoints === effect && cell.share === 0.1 && cell.requestsPerMinute >= 200)
  const five = enough(5)
  return [
    {
      title: "This judge: releases that are promoted although they go wrong at 100 %, where nothing is left to compare with",
      head: ["requests a minute", ...[...new Set(late.map(({ cell }) => cell.effectPoints))].map((effect) => `+${effect} points`)],
      rows: rates.map((rate) => [`${rate}`, ...[...new Set(late.map(({ cell }) => cell.effectPoints))].map((effect) => {
        const lines = late.filter(({ cell }) => cell.effectPoints === effect && cell.requestsPerMinute === rate)
        return percent(sum(lines, "promoted"), sum(lines, "releases"))
      })]),
    },
    {
      title: "Goals",
      head: ["", "goal", "measured"],
      rows: [
        ["healthy releases aborted, worst cell", "at most 1 %", `${(worst(healthy(own), "aborted") * 100).toFixed(2)} %`],
        ["+5 points at 10 % caught within 300 canary requests, worst cell", "at least 95 %", `${(Math.min(...five.map((line) => line.within300 / line.releases)) * 100).toFixed(2)} %`],
        ["the same within 600", "at least 99 %", `${(Math.min(...five.map((line) => line.within600 / line.releases)) * 100).toFixed(2)} %`],
        ["releases of +5 points or more promoted, all cells", "0", `${sum(pick(own, (cell) => cell.effectPoints >= 5), "promoted")} of ${sum(pick(own, (cell) => cell.effectPoints >= 5), "releases")}`],
      ],
    },
    {
      title: "Healthy releases that are aborted: mean of all cells, worst cell; without a verdict",
      head: ["rule", "mean", "worst", "inconclusive", ...rates.map((rate) => `worst at ${rate}/min`)],
      rows: rules.map((rule) => [
        rule,
        percent(sum(healthy(rule), "aborted"), sum(healthy(rule), "releases")),
        `${(worst(healthy(rule), "aborted") * 100).toFixed(2)} %`,
        percent(sum(healthy(rule), "inconclusive"), sum(healthy(rule), "releases")),
        ...rates.map((rate) => `${(worst(healthy(rule).filter(({ cell }) => cell.requestsPerMinute === rate), "aborted") * 100).toFixed(2)} %`),
      ]),
    },
    ...rates.map((rate) => ({
      title: `Bad releases that are promoted, by how much worse they are, at ${rate} requests a minute, over all shares and error rates`,
      head: ["rule", ...effects.map((effect) => `+${effect} points`)],
      rows: rules.map((rule) => [rule, ...effects.map((effect) => {
        const lines = pick(rule, (cell) => cell.effectPoints === effect && cell.requestsPerMinute === rate)
        return percent(sum(lines, "promoted"), sum(lines, "releases"))
      })]),
    })),
    {
      title: "This judge: +5 points caught within 300 and 600 canary requests, at 200 and 2,000 requests a minute",
      head: ["share", ...bases.map((base) => `at ${base * 100} %`)],
      rows: shares.map((share) => [shareText(share), ...bases.map((base) => {
        const lines = pick(own, (cell) => cell.effectPoints === 5 && cell.share === share && cell.base === base && cell.requestsPerMinute >= 200)
        return `${percent(sum(lines, "within300"), sum(lines, "releases"))} / ${percent(sum(lines, "within600"), sum(lines, "releases"))}`
      })]),
    },
    ...rates.map((rate) => ({
      title: `How long a healthy release is held, with each rule's own steps, at ${rate} requests a minute (10, 50, 90, 99 of 100), at 0.1 % of errors`,
      head: ["rule", "promoted", "p10", "p50", "p90", "p99"],
      rows: rules.map((rule) => {
        const [line] = pick(rule, (cell) => cell.effectPoints === 0 && cell.share === null && cell.base === 0.001 && cell.requestsPerMinute === rate)
        return [rule, percent(line?.promoted ?? 0, line?.releases ?? 0), ...(line?.promotionSeconds ?? []).map(time)]
      }),
    })),
    ...rates.map((rate) => ({
      title: `How long a release of +5 points carries traffic before it is aborted, with each rule's own steps, at ${rate} requests a minute, at 0.1 % of errors`,
      head: ["rule", "aborted", "inconclusive", "p10", "p50", "p90", "p99"],
      rows: rules.map((rule) => {
        const [line] = pick(rule, (cell) => cell.effectPoints === 5 && cell.share === null && cell.base === 0.001 && cell.requestsPerMinute === rate)
        return [rule, percent(line?.aborted ?? 0, line?.releases ?? 0), percent(line?.inconclusive ?? 0, line?.releases ?? 0), ...(line?.abortSeconds ?? []).map(time)]
      }),
    })),
  ]
}
