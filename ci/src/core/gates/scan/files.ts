import { ignoreComments } from "../../scan/ignore-comments.js"
import { hasNoDependencies } from "../../scan/lock-files.js"
import type { Finding } from "../../run.js"
import { judgeExec, type ExecOutcome } from "../exec.js"
import { counted, errorGate } from "../gate.js"
import { judgeDatabase, type DatabaseFacts, type DatabaseLimits } from "./database.js"
import type { ScanReport } from "./found.js"
import { describeIsolation, type ScanIsolation } from "./isolation.js"
import { judgeHistory, type HistoryInput } from "./history.js"
import { judgeFaults, type ScanLimits, type ScanOutcome } from "./judge-faults.js"
import { withoutTexts } from "./mask.js"
import { judgeCanary, judgeScanner, readScan, type ScanRun } from "./scanner.js"
import { judgeSecrets, type SecretsInput } from "./secrets.js"
import type { ReportPlaces } from "./trivy-report.js"

export interface FilesScanInput {
  readonly database: DatabaseFacts
  readonly databaseLimits: DatabaseLimits
  readonly limits: ScanLimits
  readonly isolation: ScanIsolation
  readonly canary: ScanRun
  readonly files: ScanRun
  readonly secrets: SecretsInput
  /** What was ever committed; null when nobody asked. */
  readonly history: HistoryInput | null
  readonly places: ReportPlaces
  /** Lock files of the tree; the texts of those that the report does not have. */
  readonly lockFiles: readonly string[]
  readonly lockTexts: Readonly<Record<string, string>>
  /** The step that takes words such as `trivy:ignore:…` their power, and tells where they were. */
  readonly powerless: ExecOutcome
  readonly excluded: readonly string[]
  readonly timeoutSeconds: number
}

export interface FilesScanOutcome extends ScanOutcome {
  /** Texts that no report may show. */
  readonly hidden: readonly string[]
}

/** The gate of a scan of files. Where database or scanner leave a doubt, there is no verdict. */
export function judgeFilesScan(input: FilesScanInput): FilesScanOutcome {
  const { limits, files, timeoutSeconds } = input
  const database = judgeDatabase(input.database, input.databaseLimits)
  const secrets = judgeSecrets(input.secrets)
  const history = input.history === null ? null : judgeHistory(input.history)
  const judged = [secrets, history].flatMap((each) => (each === null || "verdict" in each ? [] : [each]))
  const hidden = [...new Set(judged.flatMap((each) => each.hidden))]
  const leaked = judged.flatMap(({ faults }) => faults)
  // A secret that was found is told, whatever else is in doubt.
  const known = judgeFaults(leaked, limits, "", []).gate.findings.map((finding) => masked(finding, hidden))
  const broken = (detail: string): FilesScanOutcome => ({ gate: errorGate(withoutTexts(detail, hidden), known), matched: null, hidden })
  if (database.problem !== null) return broken(database.problem)
  const ended = judgeCanary(input.canary, timeoutSeconds) ?? judgeScanner(files.exec, timeoutSeconds)
  if (ended !== null) return broken(ended.reason)
  if (input.powerless.exitCode !== 0) return broken(`what would take findings out could not be told from the rest: ${judgeExec(input.powerless, timeoutSeconds).reason}`)
  if ("verdict" in secrets) return broken(secrets.reason)
  if (history !== null && "verdict" in history) return broken(history.reason)
  const report = readScan(files, input.places)
  if (report.kind === "unreadable") return broken(report.detail)
  const unread = unreadParts(input, report)
  if (unread !== null) return broken(unread)
  const remarks = [...(input.excluded.length === 0 ? [] : [`not scanned: ${input.excluded.join(", ")}`]), ...database.remarks, describeIsolation(input.isolation)]
  const { gate, matched } = judgeFaults([...leaked, ...report.faults], limits, [describeFiles(input, report), ...(history === null ? [] : [history.what])].join(", "), remarks)
  const findings = [...gate.findings, ...ignoreComments(input.powerless).map(ignoredFinding)].map((finding) => masked(finding, hidden))
  return { gate: { ...gate, reason: withoutTexts(gate.reason, hidden), findings }, matched, hidden }
}

/** What the scanner passed over without an error: it says so on stderr, or not at all. */
function unreadParts({ files, lockFiles, lockTexts, places }: FilesScanInput, report: ScanReport & { kind: "read" }): string | null {
  const chart = /\[helm scanner\] Skipping chart\s+file_path="([^"]*)"/.exec(files.exec.stderr)?.[1]
  if (chart !== undefined) return `chart ${places.pathOf(chart, null) ?? chart} does not render with its own values, so it was not scanned. Give it values that it renders with, or leave it out (scan.exclude)`
  const missing = missingLockFiles(lockFiles, report, places).filter((path) => !hasNoDependencies(path, lockTexts[path] ?? ""))
  if (missing.length === 0) return null
  const [first] = missing
  return `${first}${missing.length > 1 ? ` and ${missing.length - 1} more` : ""}: the scanner did not understand this lock file. Mend it, or leave it out (scan.exclude)`
}

/** Lock files that the report has no packages of. */
export function missingLockFiles(lockFiles: readonly string[], report: ScanReport, places: ReportPlaces): readonly string[] {
  if (report.kind === "unreadable") return []
  const understood = new Set(report.results.filter((result) => result.class === "lang-pkgs").map(({ target }) => places.pathOf(target, null)))
  return lockFiles.filter((path) => !understood.has(path))
}

function describeFiles({ lockFiles }: FilesScanInput, { results }: ScanReport & { kind: "read" }): string {
  const configuration = new Set(results.filter((result) => result.class === "config").map(({ target }) => target)).size
  return [[lockFiles.length, "lock file"], [configuration, "file of configuration"]].map(([count, noun]) => counted(Number(count), String(noun)).replace("file of configurations", "files of configuration")).join(", ")
}

function ignoredFinding({ file, line }: { readonly file: string; readonly line: number }): Finding {
  return { severity: "low", rule: "trivy:ignore", message: "this takes no finding out here: write an exception with a reason and an end under scan.exceptions in delivery.yaml", file, line }
}

const masked = (finding: Finding, hidden: readonly string[]): Finding => ({
  ...finding,
  message: withoutTexts(finding.message, hidden),
  file: finding.file === null ? null : withoutTexts(finding.file, hidden),
})
