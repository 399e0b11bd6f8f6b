import type { Finding, GateResult } from "../run.js"
import { judgeSurroundings, lastLine, programName, type ExecOutcome } from "./exec.js"
import { counted, errorGate, failedGate, passedGate } from "./gate.js"
import { brokenLinter, lintFindings } from "./lint/linters.js"
import { repositoryFile, type SourcePlace } from "./source-place.js"

/** A command that has run, and where. */
export interface LintRun {
  readonly exec: ExecOutcome
  readonly place: SourcePlace
}

/** Judges all commands of `lint`; every one of them has run. */
export function judgeLint(execs: readonly ExecOutcome[], place: SourcePlace, timeoutSeconds: number): GateResult {
  return judgeLintRuns(execs.map((exec) => ({ exec, place })), timeoutSeconds)
}

/** The same for commands that ran in several places; `linted` says what they looked at. */
export function judgeLintRuns(runs: readonly LintRun[], timeoutSeconds: number, linted = ""): GateResult {
  if (runs.length === 0) return errorGate("no command to run")
  const findings = runs.flatMap(findingsOf)
  const broken = runs.map(({ exec }) => brokenGate(exec, timeoutSeconds)).find((gate) => gate !== null)
  if (broken !== undefined) return { ...broken, findings }
  const red = runs.filter(({ exec }) => exec.exitCode !== 0)
  if (red.length === 0) return passedGate([linted, remarks(findings)].filter((part) => part !== "").join(", "), findings)
  const first = firstOf(red.flatMap(findingsOf))
  if (first !== undefined) return failedGate(`${counted(findings.length, "finding")}: ${describeFinding(first)}`, findings)
  const { exec } = red[0] as LintRun
  return failedGate(`${programName(exec)} ended with ${exec.exitCode}: ${lastLine(exec)}`, findings)
}

function findingsOf({ exec, place }: LintRun): readonly Finding[] {
  return lintFindings(exec).map((finding) => ({ ...finding, file: finding.file === null ? null : repositoryFile(finding.file, place) }))
}

/** Looked for in green output too: hadolint ends with 0 when it could not read its configuration. */
function brokenGate(exec: ExecOutcome, timeoutSeconds: number): GateResult | null {
  const stopped = judgeSurroundings(exec, timeoutSeconds)
  if (stopped !== null) return stopped
  const detail = brokenLinter(exec)
  if (detail !== null) return errorGate(`${programName(exec)} could not run: ${detail}`)
  const silent = exec.exitCode > 1 && lintFindings(exec).length === 0
  return silent ? errorGate(`${programName(exec)} could not run (exit code ${exec.exitCode}): ${lastLine(exec)}`) : null
}

const remarks = (findings: readonly Finding[]): string => (findings.length === 0 ? "" : counted(findings.length, "warning"))

/** The first that is no mere warning, else the first. */
function firstOf(findings: readonly Finding[]): Finding | undefined {
  return findings.find(({ severity }) => severity === "critical" || severity === "high") ?? findings[0]
}

function describeFinding(finding: Finding): string {
  const place = finding.file === null ? "" : `${finding.file}${finding.line === null ? "" : `:${finding.line}`} `
  return `${place}${finding.message}`
}
