import { helperNames } from "../core/release.js"
import { uselessExceptions } from "../core/gates/exceptions.js"
import type { ScanOutcome } from "../core/gates/scan/judge-faults.js"
import type { GateResult } from "../core/run.js"
import type { Run } from "./run.js"

/** What the scans of a run have told so far, by row. */
const outcomesOfScans = new WeakMap<Run, Map<string, ScanOutcome>>()

/** Adds the exceptions that no scan needed; known when files and the images of all services were scanned. */
export function tellUseless(run: Run, row: string, outcome: ScanOutcome): GateResult {
  const outcomes = outcomesOfScans.get(run) ?? new Map<string, ScanOutcome>()
  outcomesOfScans.set(run, outcomes.set(row, outcome))
  const { services, scan } = run.checkout.config
  const images = Object.values(services).filter(({ dockerfile }) => dockerfile !== null)
  const rows = ["scan-files", ...images.map(({ name }) => `scan-images:${name}`), ...(helperNames(run.checkout.config).length === 0 ? [] : ["scan-chart-images"])]
  return { ...outcome.gate, findings: [...outcome.gate.findings, ...uselessExceptions("scan", scan.exceptions, rows.map((id) => outcomes.get(id)?.matched))] }
}
