import type { Command } from "../config/commands.js"
import type { ArtifactAddress } from "../pins.js"
import { SANDBOX_INPUT, SANDBOX_OUTPUT, SANDBOX_WORK } from "./sandbox.js"
import type { Step } from "../steps/step.js"

/** What Trivy ends with when it found something; 1 is what its own errors give. */
export const FOUND_EXIT_CODE = 10

const QUIET: Command = ["--skip-version-check", "--disable-telemetry"]
// The cache holds the database and is read-only; what is remembered of one scan would help no other.
const OFFLINE: Command = ["--cache-dir", `${SANDBOX_INPUT}/cache`, "--cache-backend", "memory", "--skip-db-update", "--skip-java-db-update", "--skip-check-update", "--offline-scan", ...QUIET]

/** Where the tree to scan, the rendered chart and the canary stand below the sandbox's input. */
export const SCANNED_FOLDER = "scanned"
export const TREE_FOLDER = `${SCANNED_FOLDER}/tree`
/** Where Trivy sees them: a copy without the words that would take findings out. */
export const SCANNED_ROOT = `${SANDBOX_WORK}/${SCANNED_FOLDER}`
const json = (name: string): Command => ["--exit-code", String(FOUND_EXIT_CODE), "--format", "json", "--output", `${SANDBOX_OUTPUT}/${name}.json`]

/** Fetches the database into a cache folder. */
export function downloadArguments({ ref, plainHttp }: ArtifactAddress, cacheFolder: string): Command {
  return ["trivy", "image", "--download-db-only", "--no-progress", "--cache-dir", cacheFolder, ...QUIET, "--db-repository", ref, ...(plainHttp ? ["--insecure"] : [])]
}

/** A lock file whose vulnerability any database knows. */
export const canaryStep: Step = {
  name: "canary",
  argv: ["trivy", "fs", ...OFFLINE, "--scanners", "vuln", ...json("canary"), `${SANDBOX_INPUT}/canary`],
}

export interface FilesScan {
  /** Lock files that Trivy would not know by their names: their kind by their path. */
  readonly otherLockFiles: Readonly<Record<string, string>>
  readonly vex: readonly string[]
  /** Folders that are scanned as something else, such as the chart as what it renders to. */
  readonly skipFolders: readonly string[]
  readonly timeoutSeconds: number
}

/** Dependencies, licences and configuration of the tree and of what its chart renders to, in one scan: compiling the checks takes most of it. */
export function filesStep({ otherLockFiles, vex, skipFolders, timeoutSeconds }: FilesScan): Step {
  const patterns = Object.entries(otherLockFiles).flatMap(([path, kind]) => ["--file-patterns", `${kind}:(^|/)${path.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$`])
  return {
    name: "files",
    argv: [
      "trivy", "fs", ...OFFLINE, "--timeout", `${timeoutSeconds}s`, "--scanners", "vuln,misconfig,license",
      // Also what is only developed with: only so is an understood lock file told from a broken one.
      "--include-dev-deps", ...patterns,
      ...skipFolders.flatMap((folder) => ["--skip-dirs", `${SANDBOX_WORK}/${TREE_FOLDER}/${folder}`]),
      ...vexFlags(vex), ...json("files"), SCANNED_ROOT,
    ],
  }
}

/** An image as an OCI layout. */
export function imageStep({ vex, layout, timeoutSeconds }: { readonly vex: readonly string[]; readonly layout: string; readonly timeoutSeconds: number }): Step {
  const argv = ["trivy", "image", ...OFFLINE, "--timeout", `${timeoutSeconds}s`, "--scanners", "vuln,secret", "--image-config-scanners", "secret", ...vexFlags(vex), ...json("image"), "--input", layout]
  return { name: "image", argv }
}

/** A list of components, from the report of a scan. */
export function sbomStep(format: "cyclonedx" | "spdx-json", report: string): Step {
  return { name: `sbom-${format}`, argv: ["trivy", "convert", "--format", format, "--output", `${SANDBOX_OUTPUT}/sbom-${format}.json`, `${SANDBOX_OUTPUT}/${report}.json`] }
}

const vexFlags = (documents: readonly string[]): Command =>
  documents.length === 0 ? [] : [...documents.flatMap((path) => ["--vex", `${SANDBOX_INPUT}/vex/${path}`]), "--show-suppressed"]
