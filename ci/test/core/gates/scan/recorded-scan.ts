import type { ScanLimits } from "../../../../src/core/gates/scan/judge-faults.js"
import type { FilesScanInput } from "../../../../src/core/gates/scan/files.js"
import type { ImageScanInput, ScannedImage } from "../../../../src/core/gates/scan/image.js"
import type { ScanRun } from "../../../../src/core/gates/scan/scanner.js"
import { treePlaces } from "../../../../src/core/scan/places.js"
import { fixture } from "../../support.js"

/** What the real scanners left, each in a sandbox of the module's own script, without network: `ci/test/core/fixtures/scan`. */
export type RecordedScan = "red" | "green" | "rendered" | "broken-lock" | "chart" | "db-empty" | "db-garbage" | "db-truncated" | "db-none" | "image"
type Kept = Readonly<Record<string, { readonly exit: string; readonly stdout: string; readonly stderr: string; readonly report: unknown }>>

const PROGRAMS: Readonly<Record<string, string>> = { image: "trivy image --offline-scan", canary: "trivy fs --offline-scan", files: "trivy fs --offline-scan" }

export function recordedScan(name: RecordedScan, step: string): ScanRun {
  const kept = (JSON.parse(fixture(`scan/${name}.json`)) as Kept)[step]
  if (kept === undefined) throw new Error(`fixtures/scan/${name}.json: no step ${step}`)
  const argv = (PROGRAMS[step] ?? "gitleaks dir --no-banner").split(" ")
  return { exec: { argv, exitCode: Number(kept.exit), stdout: kept.stdout, stderr: kept.stderr }, report: kept.report === null ? null : JSON.stringify(kept.report) }
}

export const recordedIndex = (JSON.parse(fixture("scan/image.json")) as { index: string }).index
export const LOOPBACK = (JSON.parse(fixture("scan/red.json")) as { network: string }).network
export const WITH_ETHERNET = `${LOOPBACK}  eth0:     876      10    0    0    0     0          0         0      796       9    0    0    0     0       0          0\n`

export const TREE_ROOT = "/delivery/input/scanned/tree"
/** The file whose name holds a key, in two parts here, or it would be found in this one. */
export const NAMED_SECRET = ["ghp", "z9Y8c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_")
const RED_PATHS = [".gitleaks.toml", ".trivyignore", "api/requirements.txt", "deploy/pod.yaml", `keys/${NAMED_SECRET}.txt`, "tf/main.tf", "trivy.yaml", "vex.json", "web/Dockerfile", "web/config.ts", "web/package-lock.json"]

export const LIMITS: ScanLimits = { level: "high", ignoreUnfixed: false, licenses: "report", exceptions: [], today: "2026-11-23" }
export const METADATA = '{"Version":2,"NextUpdate":"2026-11-24T00:00:00Z","UpdatedAt":"2026-11-23T00:00:00Z","DownloadedAt":"2026-11-23T00:00:00Z"}'
export const SAMPLE = '{"advisories": 13, "sample": true, "updatedAt": "2026-11-20T00:00:00Z"}'
const NOW = Date.parse("2026-11-23T12:00:00Z")

export const freshDatabase = { metadata: METADATA, sample: null, notRenewed: null }
export const databaseLimits = { maxAgeDays: 3, sampleAllowed: true, hoursSince: (time: string) => (NOW - Date.parse(time)) / 3_600_000 }

/** No file had a word that would take findings out. */
export const NO_WORDS = { argv: ["sh", "-ec"], exitCode: 0, stdout: "", stderr: "" }

/** A scan of files as the stage would hand it to the judge. */
export function filesScan(name: "red" | "green", more: Partial<FilesScanInput> = {}): FilesScanInput {
  return {
    database: freshDatabase,
    databaseLimits,
    limits: LIMITS,
    isolation: { way: "network-none", network: LOOPBACK },
    canary: recordedScan(name, "canary"),
    files: recordedScan(name, "files"),
    secrets: {
      tree: recordedScan(name, "secrets"),
      names: recordedScan(name, "secret-names"),
      canary: recordedScan(name, "secret-canary"),
      paths: name === "red" ? RED_PATHS : ["web/Dockerfile", "web/package-lock.json"],
      root: TREE_ROOT,
      timeoutSeconds: 900,
    },
    history: null,
    places: treePlaces(null, {}),
    lockFiles: name === "red" ? ["api/requirements.txt", "web/package-lock.json"] : ["web/package-lock.json"],
    lockTexts: {},
    powerless: NO_WORDS,
    excluded: [],
    timeoutSeconds: 900,
    ...more,
  }
}

export function imageScan(more: Partial<Omit<ImageScanInput, "images"> & ScannedImage> = {}): ImageScanInput {
  const { database = freshDatabase, databaseLimits: age = databaseLimits, limits = LIMITS, ...image } = more
  return { database, databaseLimits: age, limits, images: [scannedImage(image)], timeoutSeconds: 900 }
}

export function scannedImage(more: Partial<ScannedImage> = {}): ScannedImage {
  return {
    label: null,
    isolation: { way: "network-none", network: LOOPBACK },
    canary: recordedScan("image", "canary"),
    image: recordedScan("image", "image"),
    layoutIndex: recordedIndex,
    digest: "sha256:6e5f26621756aac1d020ced3af60941a0ef4c2505fd56b012222bbe31192e4c8",
    dockerfile: "web/Dockerfile",
    ...more,
  }
}
