import type { Command } from "../../config/commands.js"
import type { AuditReportKind, CacheFolder } from "../toolchain.js"

/** One package manager of Node: what it is called with, and which files are its own. */
export interface PackageManager {
  readonly kind: Extract<AuditReportKind, "npm" | "pnpm" | "yarn-classic" | "yarn-berry">
  /** The program, and its name in `packageManager`. */
  readonly program: "npm" | "pnpm" | "yarn"
  /** Whether a version that `packageManager` names is of this kind. */
  readonly isVersion: (version: string) => boolean
  /** The first that is there counts. */
  readonly lockFiles: readonly string[]
  /** Whether a lock file of that name is of this kind. */
  readonly wrote: (lock: string) => boolean
  /** The package that brings the program. */
  readonly packageName: string
  /** The version to take when no `packageManager` names one; null takes the image's. */
  readonly versionFor: (lock: string) => string | null
  readonly env: Readonly<Record<string, string>>
  readonly caches: readonly CacheFolder[]
  /** Globs of the files that `install` reads besides package.json and lock file. */
  readonly manifests: readonly string[]
  readonly lockProblems: readonly RegExp[]
  /** Installs what the lock file says and nothing else; no install scripts, since a dependency must not run code where the sources are. */
  readonly install: Command
  /** For people: makes the lock file. */
  readonly lockCommand: string
  readonly run: (script: string, args: readonly string[]) => Command
  /** Runs a program of a dependency, of the service's own or of the root of its workspace. */
  readonly exec: (program: readonly string[], of: "service" | "workspace") => Command
  readonly audit: Command
}
