import { counted, errorGate } from "../gate.js"
import { judgeDatabase, type DatabaseFacts, type DatabaseLimits } from "./database.js"
import type { ScannedFault } from "./found.js"
import { describeIsolation, type ScanIsolation } from "./isolation.js"
import { judgeFaults, type ScanLimits, type ScanOutcome } from "./judge-faults.js"
import { judgeCanary, judgeScanner, readScan, type ScanRun } from "./scanner.js"

/** One image as it was scanned, in a sandbox of its own. */
export interface ScannedImage {
  /** What the row calls it where it is about several; null where there is but one. */
  readonly label: string | null
  readonly isolation: ScanIsolation
  readonly canary: ScanRun
  readonly image: ScanRun
  /** index.json of the layout that was scanned; null when there is none. */
  readonly layoutIndex: string | null
  /** The digest that the run's registry gave the image. */
  readonly digest: string
  /** Findings name it: an image has no place in the repository. */
  readonly dockerfile: string | null
}

export interface ImageScanInput {
  readonly database: DatabaseFacts
  readonly databaseLimits: DatabaseLimits
  readonly limits: ScanLimits
  readonly images: readonly ScannedImage[]
  readonly timeoutSeconds: number
}

/** The gate of a scan of images: one of a service, or all that the chart needs besides. */
export function judgeImageScan({ database, databaseLimits, limits, images, timeoutSeconds }: ImageScanInput): ScanOutcome {
  const judged = judgeDatabase(database, databaseLimits)
  if (judged.problem !== null) return broken(judged.problem)
  const read = images.map((image) => readImage(image, timeoutSeconds))
  const problems = read.flatMap(({ problem }) => problem ?? [])
  if (problems.length > 0) return broken(problems.join("; "))
  const remarks = [...read.flatMap((each) => each.remarks), ...judged.remarks, ...new Set(images.map(({ isolation }) => describeIsolation(isolation)))]
  return judgeFaults(read.flatMap(({ faults }) => faults), limits, read.map(({ what }) => what).join("; "), remarks)
}

const broken = (detail: string): ScanOutcome => ({ gate: errorGate(detail), matched: null })

interface ReadImage {
  readonly problem: string | null
  readonly faults: readonly ScannedFault[]
  readonly what: string
  readonly remarks: readonly string[]
}

function readImage(scanned: ScannedImage, timeoutSeconds: number): ReadImage {
  const { label, image, canary, dockerfile } = scanned
  const named = (text: string): string => (label === null ? text : `${label}: ${text}`)
  const unread = (problem: string): ReadImage => ({ problem: named(problem), faults: [], what: "", remarks: [] })
  const ended = judgeCanary(canary, timeoutSeconds) ?? judgeScanner(image.exec, timeoutSeconds)
  if (ended !== null) return unread(ended.reason)
  const report = readScan(image, { pathOf: () => dockerfile, environmentOf: () => null })
  if (report.kind === "unreadable") return unread(report.detail)
  const { system, isEndOfLife, layers } = report.facts
  if (layers === 0) return unread("the scanner's report names no layer of the image")
  const packages = report.results.reduce((sum, result) => sum + result.packages, 0)
  const remarks = [
    ...(system === null ? ["no operating system was recognised in it"] : []),
    ...(isEndOfLife ? [`${system} has reached its end of life`] : []),
    ...digestRemark(scanned),
  ]
  return {
    problem: null,
    // Lines are those of files in the image.
    faults: report.faults.map((fault) => ({ ...fault, line: null, message: named(fault.message) })),
    what: named([counted(packages, "package"), ...(system === null ? [] : [system])].join(", ")),
    remarks: remarks.map(named),
  }
}

/** What was scanned must be what was packaged; the engine may write a tarball otherwise than it pushes. */
function digestRemark({ layoutIndex, digest }: ScannedImage): readonly string[] {
  const scanned = [...(layoutIndex ?? "").matchAll(/"digest"\s*:\s*"(sha256:[0-9a-f]{64})"/g)].map(([, found]) => found)
  return scanned.includes(digest) ? [] : [`scanned as ${scanned[0]?.slice(0, 19) ?? "an image without a digest"}, packaged as ${digest.slice(0, 19)}`]
}
