import type { Finding, RunRecord, Severity, StageResult } from "../run.js"
import { withoutControls } from "./escape.js"
import { fingerprinter } from "./fingerprint.js"
import type { ReportFile } from "./sarif.js"

const GITLAB_WORDS: Readonly<Record<Severity, string>> = { critical: "Critical", high: "High", moderate: "Medium", low: "Low", info: "Info" }
const GITLAB_REPORT_VERSION = "15.0.6"

type ScanKind = "sast" | "container_scanning"
const SCANS: readonly { readonly kind: ScanKind; readonly path: string; readonly stages: readonly string[] }[] = [
  { kind: "sast", path: "gitlab/sast.json", stages: ["sast", "scan-files"] },
  { kind: "container_scanning", path: "gitlab/container-scanning.json", stages: ["scan-images", "scan-chart-images"] },
]

/** What GitLab's security widgets read; a scan that has not run has no file, since an empty one would say that nothing was found. */
export function renderGitlabSecurity(run: RunRecord): readonly ReportFile[] {
  return SCANS.flatMap(({ kind, path, stages }) => {
    const rows = run.stages.filter(({ stage, verdict }) => stages.includes(stage) && verdict !== "skipped")
    return rows.length === 0 ? [] : [{ path, text: `${JSON.stringify(report(run, kind, rows), null, 2)}\n` }]
  })
}

function report(run: RunRecord, kind: ScanKind, rows: readonly StageResult[]) {
  const tool = { id: "delivery", name: "delivery", version: String(run.schemaVersion), vendor: { name: "delivery" } }
  // The scans of one run begin and end with it: rows have no times of day.
  const time = run.startedAt.slice(0, 19)
  const broken = rows.filter(({ verdict }) => verdict === "error")
  const messages = broken.map(({ stage, reason }) => ({ level: "fatal", value: `${stage}: ${reason || "error"}` }))
  const fingerprint = fingerprinter()
  return {
    version: GITLAB_REPORT_VERSION,
    scan: { type: kind, status: broken.length > 0 ? "failure" : "success", start_time: time, end_time: time, analyzer: tool, scanner: tool, messages },
    vulnerabilities: rows.flatMap((row) => row.findings.flatMap((finding) => (kind === "sast" && finding.file === null ? [] : [entryFor(kind, row, finding, fingerprint)]))),
  }
}

function entryFor(kind: ScanKind, { service, stage }: StageResult, finding: Finding, fingerprint: (parts: readonly string[]) => string) {
  const { rule, message, severity, file, line } = finding
  const text = withoutControls(message) || rule
  return {
    id: fingerprint([stage, service ?? "", rule, file ?? "", message]),
    name: (text || "finding").slice(0, 255),
    description: text,
    severity: GITLAB_WORDS[severity],
    identifiers: [{ type: /^CVE-/.test(rule) ? "cve" : "delivery", name: rule || stage, value: rule || stage }],
    location: kind === "sast" ? { file: file ?? "", start_line: line ?? 1 } : imageLocation(text, service),
  }
}

/** `openssl 3.0.1: …`: the package stands first in what the scan says. */
function imageLocation(message: string, service: string | null) {
  const [, name = "unknown", version = "unknown"] = /^(\S+) (\S+):/.exec(message) ?? []
  return { dependency: { package: { name }, version }, operating_system: "unknown", image: service ?? "unknown" }
}
