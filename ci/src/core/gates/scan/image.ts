import { counted, errorGate } from "../gate.js"
import { judgeDatabase, type DatabaseFacts, type DatabaseLimits } from "./database.js"
import { describeIsolation, type ScanIsolation } from "./isolation.js"
import { judgeFaults, type ScanLimits, type ScanOutcome } from "./judge-faults.js"
import { judgeCanary, judgeScanner, readScan, type ScanRun } from "./scanner.js"

export interface ImageScanInput {
  readonly database: DatabaseFacts
  readonly databaseLimits: DatabaseLimits
  readonly limits: ScanLimits
  readonly isolation: ScanIsolation
  readonly canary: ScanRun
  readonly image: ScanRun
  /** index.json of the layout that was scanned; null when there is none. */
  readonly layoutIndex: string | null
  /** The digest that the run's registry gave the image. */
  readonly digest: string
  /** Findings name it: an image has no place in the repository. */
  readonly dockerfile: string | null
  readonly timeoutSeconds: number
}

/** The gate of a scan of one image. */
export function judgeImageScan(input: ImageScanInput): ScanOutcome {
  const { image, dockerfile, timeoutSeconds } = input
  const broken = (detail: string): ScanOutcome => ({ gate: errorGate(detail), matched: null })
  const database = judgeDatabase(input.database, input.databaseLimits)
  if (database.problem !== null) return broken(database.problem)
  const ended = judgeCanary(input.canary, timeoutSeconds) ?? judgeScanner(image.exec, timeoutSeconds)
  if (ended !== null) return broken(ended.reason)
  const report = readScan(image, { pathOf: () => dockerfile, environmentOf: () => null })
  if (report.kind === "unreadable") return broken(report.detail)
  const { system, isEndOfLife, layers } = report.facts
  if (layers === 0) return broken("the scanner's report names no layer of the image")
  const packages = report.results.reduce((sum, result) => sum + result.packages, 0)
  const remarks = [
    ...(system === null ? ["no operating system was recognised in it"] : []),
    ...(isEndOfLife ? [`${system} has reached its end of life`] : []),
    ...digestRemark(input),
    ...database.remarks,
    describeIsolation(input.isolation),
  ]
  // Lines are those of files in the image.
  const faults = report.faults.map((fault) => ({ ...fault, line: null }))
  return judgeFaults(faults, input.limits, [counted(packages, "package"), ...(system === null ? [] : [system])].join(", "), remarks)
}

/** What was scanned must be what was packaged; the engine may write a tarball otherwise than it pushes. */
function digestRemark({ layoutIndex, digest }: ImageScanInput): readonly string[] {
  const scanned = [...(layoutIndex ?? "").matchAll(/"digest"\s*:\s*"(sha256:[0-9a-f]{64})"/g)].map(([, found]) => found)
  return scanned.includes(digest) ? [] : [`scanned as ${scanned[0]?.slice(0, 19) ?? "an image without a digest"}, packaged as ${digest.slice(0, 19)}`]
}
