import type { GateResult } from "../../run.js"
import { CANARY_ID } from "../../scan/canary.js"
import { fatalWords } from "../../scan/fetch-database.js"
import { FOUND_EXIT_CODE } from "../../scan/trivy.js"
import { judgeSurroundings, lastLine, programName, type ExecOutcome } from "../exec.js"
import { errorGate } from "../gate.js"
import { unreadableScan, type ScanReport } from "./found.js"
import { readTrivy, type ReportPlaces } from "./trivy-report.js"

/** A scan that has run, with its JSON. */
export interface ScanRun {
  readonly exec: ExecOutcome
  readonly report: string | null
}

/** An end of a scanner that says nothing about what it scanned; null when it came to its end. */
export function judgeScanner(exec: ExecOutcome, timeoutSeconds: number): GateResult | null {
  const broken = judgeSurroundings(exec, timeoutSeconds)
  if (broken !== null || exec.exitCode === 0 || exec.exitCode === FOUND_EXIT_CODE) return broken
  // After Trivy's fatal error nothing of use comes.
  return errorGate(`${programName(exec)} ended with ${exec.exitCode}: ${fatalWords(exec.stderr) ?? lastLine(exec)}`)
}

/** Trivy's report, if it says what the exit code says: 10 with nothing in it, or 0 with something, is neither red nor green. */
export function readScan({ exec, report }: ScanRun, places: ReportPlaces): ScanReport {
  const read = readTrivy(report, places)
  if (read.kind === "unreadable") return read
  const isRed = exec.exitCode === FOUND_EXIT_CODE
  if (isRed === read.facts.counted > 0) return read
  return unreadableScan(`${programName(exec)} ended with ${exec.exitCode}, and its report names ${read.facts.counted === 0 ? "nothing" : `${read.facts.counted} findings`}`)
}

/** Why the database is not one: it does not know what every one knows. Null when it does. */
export function judgeCanary(run: ScanRun, timeoutSeconds: number): GateResult | null {
  const broken = judgeScanner(run.exec, timeoutSeconds)
  if (broken !== null) return broken
  const report = readScan(run, { pathOf: (target) => target, environmentOf: () => null })
  if (report.kind === "unreadable") return errorGate(`the scan of a known vulnerability failed: ${report.detail}`)
  if (report.faults.some(({ rule }) => rule === CANARY_ID)) return null
  return errorGate(`the vulnerability database does not know ${CANARY_ID}, which every one does: it is empty, or not what it seems`)
}
