import type { Command } from "../../config/commands.js"
import type { TestsConfig } from "../../config/tests.js"
import type { TreeFacts } from "../../detect/tree.js"
import type { PackageManager } from "./manager.js"
import type { PackageManifest } from "./manifest.js"

/** What the commands of a service are made from. */
export interface NodeFacts {
  readonly tree: TreeFacts
  /** The service's folder. */
  readonly path: string
  /** The folder of its lock file. */
  readonly root: string
  readonly manifest: PackageManifest
  /** Packages that the service and its workspace depend on themselves. */
  readonly dependencies: ReadonlySet<string>
  readonly manager: PackageManager
  readonly tests: TestsConfig
  /** delivery.yaml replaces the whole of `install`. */
  readonly ownInstall: boolean
}

/** Commands for a stage, and what led to them. */
export interface FoundCommands {
  readonly commands: readonly Command[]
  readonly notes: readonly string[]
}
