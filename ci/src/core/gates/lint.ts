import type { Finding, GateResult } from "../run.js"
import { judgeSurroundings, lastLine, programName, type ExecOutcome } from "./exec.js"
import { counted, errorGate, failedGate, passedGate } from "./gate.js"
import { lintFindings } from "./lint-findings.js"

/** What a linter says when it could not work at all; its exit code alone does not tell (tsc ends with 2 for both). */
const BROKEN_TOOL: readonly RegExp[] = [
  /^Oops! Something went wrong! :\($/m,
  /^npm error Missing script: .*$/m,
  /^ruff failed$/m,
  // TS5xxx, TS6xxx and TS18003 are about the configuration, not about a source file.
  /^.*error TS(5\d{3}|6\d{3}|18003): .*$/m,
]

/** Judges all commands of `lint`; every one of them has run. */
export function judgeLint(execs: readonly ExecOutcome[], timeoutSeconds: number): GateResult {
  if (execs.length === 0) return errorGate("no command to run")
  const broken = execs.map((exec) => judgeSurroundings(exec, timeoutSeconds) ?? brokenTool(exec)).find((gate) => gate !== null)
  if (broken !== undefined) return broken
  const red = execs.filter((exec) => exec.exitCode !== 0)
  if (red.length === 0) return passedGate("")
  const findings = red.flatMap((exec) => lintFindings(exec.stdout, exec.stderr))
  if (findings.length > 0) return failedGate(`${counted(findings.length, "finding")}: ${describeFinding(findings[0])}`, findings)
  const first = red[0] as ExecOutcome
  return failedGate(`${programName(first)} ended with ${first.exitCode}: ${lastLine(first)}`)
}

function brokenTool(exec: ExecOutcome): GateResult | null {
  if (exec.exitCode === 0) return null
  const output = `${exec.stdout}\n${exec.stderr}`
  const sign = BROKEN_TOOL.map((pattern) => pattern.exec(output)?.[0]).find((line) => line !== undefined)
  if (sign !== undefined) return errorGate(`${programName(exec)} could not run: ${brokenDetail(sign, output)}`)
  const silent = exec.exitCode > 1 && lintFindings(exec.stdout, exec.stderr).length === 0
  return silent ? errorGate(`${programName(exec)} could not run (exit code ${exec.exitCode}): ${lastLine(exec)}`) : null
}

/** The line that says more than "something went wrong". */
function brokenDetail(sign: string, output: string): string {
  const detail = /^(?:ESLint couldn't find.*|\w*Error: .*|\s*Cause: .*)$/m.exec(output)?.[0]
  return (sign.startsWith("Oops") || sign === "ruff failed" ? (detail ?? sign) : sign).trim()
}

function describeFinding(finding: Finding | undefined): string {
  if (finding === undefined) return ""
  const place = finding.file === null ? "" : `${finding.file}${finding.line === null ? "" : `:${finding.line}`} `
  return `${place}${finding.message}`
}
