import type { Finding, RunRecord, Severity } from "../run.js"
import { fingerprinter } from "./fingerprint.js"
import { stagesAboutFiles } from "./found.js"
import { oneLine } from "./table.js"

const GITLAB_SEVERITY: Readonly<Record<Severity, string>> = { critical: "critical", high: "major", moderate: "minor", low: "info", info: "info" }

/** codequality.json, as GitLab's widget in merge requests reads it: it compares fingerprints with the target branch. */
export function renderCodeQuality(run: RunRecord): string {
  const fingerprint = fingerprinter()
  const entries = stagesAboutFiles(run).flatMap(({ stage, findings }) =>
    findings.flatMap((finding) => (finding.file === null ? [] : [entryOf(finding, finding.file, fingerprint([stage, finding.rule, finding.file, finding.message]))])),
  )
  return `${JSON.stringify(entries, null, 2)}\n`
}

function entryOf({ rule, message, severity, line }: Finding, path: string, fingerprint: string) {
  // A line must be there; of what concerns a whole file it is the first.
  return { description: oneLine(message) || rule, check_name: rule, fingerprint, severity: GITLAB_SEVERITY[severity], location: { path, lines: { begin: line ?? 1 } } }
}
