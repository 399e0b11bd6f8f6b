import type { FileChange } from "../changes.js"
import type { TestsConfig } from "../config/tests.js"
import type { Finding } from "../run.js"
import { changedCoverage, type ChangedCoverage } from "./changed-coverage.js"
import { coveragePercent, type Coverage } from "./coverage.js"
import { counted } from "./gate.js"

export type CoverageLimits = Pick<TestsConfig, "minimumCoveragePercent" | "minimumChangedCoveragePercent">

/** What coverage says of a test run. */
export interface CoverageVerdict {
  readonly percent: number | null
  /** Limits that are not reached. */
  readonly gaps: readonly string[]
  /** Limits that nothing can be said about, although something should. */
  readonly unknown: readonly string[]
  /** For the row's reason. */
  readonly notes: readonly string[]
  readonly findings: readonly Finding[]
}

/** Holds coverage to its limits, the whole of it and that of the changed lines; without `--since` nobody knows what changed. */
export function judgeCoverage(coverage: Coverage | null, limits: CoverageLimits, changes: readonly FileChange[] | null): CoverageVerdict {
  const percent = coverage === null ? null : coveragePercent(coverage)
  const whole = judgeWhole(percent, limits.minimumCoveragePercent)
  const changed = judgeChanged(coverage, limits.minimumChangedCoveragePercent, changes)
  return {
    percent,
    gaps: [...whole.gaps, ...changed.gaps],
    unknown: [...whole.unknown, ...changed.unknown],
    notes: [...whole.notes, ...changed.notes],
    findings: changed.findings,
  }
}

type PartialVerdict = Omit<CoverageVerdict, "percent">

const NOTHING: PartialVerdict = { gaps: [], unknown: [], notes: [], findings: [] }

function judgeWhole(percent: number | null, minimum: number | null): PartialVerdict {
  if (percent === null) return minimum === null ? NOTHING : { ...NOTHING, unknown: [`no coverage report, but \`tests.minimumCoveragePercent\` is ${minimum}`] }
  if (minimum !== null && percent < minimum) return { ...NOTHING, gaps: [`line coverage is ${percent.toFixed(1)} %, below the ${minimum} % of delivery.yaml`] }
  return { ...NOTHING, notes: [`${percent.toFixed(1)} % of lines covered`] }
}

function judgeChanged(coverage: Coverage | null, minimum: number | null, changes: readonly FileChange[] | null): PartialVerdict {
  if (minimum === null) return NOTHING
  if (changes === null) return { ...NOTHING, notes: ["changed lines not judged without --since"] }
  if (!changes.some(({ lines }) => lines.length > 0)) return { ...NOTHING, notes: ["no changed line"] }
  if (coverage === null || coverage.files.size === 0) {
    return { ...NOTHING, unknown: [`no coverage report that lists lines, but \`tests.minimumChangedCoveragePercent\` is ${minimum}`] }
  }
  const changed = changedCoverage(coverage, changes)
  const unreported = changed.unreported.length === 0 ? [] : [`${counted(changed.unreported.length, "changed file")} in no coverage report: ${listed(changed.unreported)}`]
  if (changed.lines === 0) return { ...NOTHING, notes: ["no changed line can be covered", ...unreported] }
  return { ...judgePercent(changed, minimum, unreported), findings: changed.findings }
}

function judgePercent({ lines, covered }: ChangedCoverage, minimum: number, unreported: readonly string[]): Omit<PartialVerdict, "findings"> {
  const percent = (100 * covered) / lines
  const text = `${percent.toFixed(1)} % of ${counted(lines, "changed line")} covered`
  if (percent >= minimum) return { gaps: [], unknown: [], notes: [text, ...unreported] }
  return { gaps: [[`${text}, below the ${minimum} % of delivery.yaml`, ...unreported].join(", ")], unknown: [], notes: [] }
}

/** The first three of some names. */
export function listed(names: readonly string[]): string {
  return `${names.slice(0, 3).join("; ")}${names.length > 3 ? "; …" : ""}`
}
