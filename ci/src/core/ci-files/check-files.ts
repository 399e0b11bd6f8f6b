import type { Finding, RunHeader, RunRecord } from "../run.js"
import { overallVerdict } from "../verdict.js"
import type { CiFile } from "./ci-files.js"

/** The function, and the row of its run. */
export const CI_CHECK_STAGE = "ci-check"

/** run.json of the comparison: a finding for each file that is not what `ci-generate` would write. */
export function checkedFiles(header: RunHeader, wanted: readonly CiFile[], present: Readonly<Record<string, string | null>>): RunRecord {
  const findings = wanted.flatMap(({ path, text }) => compareFile(path, text, present[path] ?? null))
  const names = wanted.map(({ path }) => path).join(", ")
  const failed = findings.length > 0
  const reason = failed ? `${findings.map(({ file, message }) => `${file}: ${message}`).join("; ")}. Run ci-generate, and put what you had changed by hand into delivery.yaml.` : `${names} say what delivery.yaml says`
  const row = { stage: CI_CHECK_STAGE, service: null, environment: null, skipKind: null, cached: false, durationSeconds: 0, evidence: [], findings, reason }
  const stages = [{ ...row, verdict: failed ? "failed" : "passed" }] as const
  return { schemaVersion: 1, ...header, verdict: overallVerdict(stages).verdict, reason, durationSeconds: 0, stages }
}

function compareFile(path: string, wanted: string, present: string | null): readonly Finding[] {
  const rule = "ci-file"
  if (present === null) return [{ severity: "high", rule, message: "is missing", file: path, line: null }]
  if (present === wanted) return []
  const [lines, others] = [wanted.split("\n"), present.split("\n")]
  const line = lines.findIndex((text, index) => text !== others[index])
  const at = line < 0 ? lines.length : line
  return [{ severity: "high", rule, message: `line ${at + 1}: expected ${shown(lines[at])}, got ${shown(others[at])}`, file: path, line: at + 1 }]
}

// A secret that somebody wrote into a file of a CI system must not come into a report from there.
const shown = (line: string | undefined): string => (line === undefined ? "the end of the file" : `\`${line.trim().slice(0, 60)}${line.trim().length > 60 ? "…" : ""}\``)
