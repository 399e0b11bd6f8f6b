import type { Command, CommandName } from "../config/commands.js"
import type { RawService } from "../config/services.js"
import type { TestsConfig } from "../config/tests.js"
import type { TreeFacts } from "../detect/tree.js"
import type { ConfigProblem } from "../errors.js"
import type { LanguageImage } from "../pins.js"

/** Whose report `audit` leaves; `exit-code` when only the exit code has a meaning. */
export type AuditReportKind = "npm" | "pnpm" | "yarn-classic" | "yarn-berry" | "pip-audit" | "exit-code"

/** A folder kept between runs; one volume for each lock file. */
export interface CacheFolder {
  readonly name: string
  readonly mountPath: string
}

/** A version of the language that the tree asks for and that pins.yaml does not name closely enough: the image itself is asked. */
export interface WantedRuntime {
  /** Prints the version. */
  readonly argv: Command
  /** `engines.node >=22.12 in package.json`. */
  readonly wanted: string
  readonly accepts: (version: string) => boolean
}

/** All that is needed to install, check and build one service in a container. */
export interface ToolchainRecipe extends Readonly<Record<CommandName, readonly Command[]>> {
  /** Key of the image in pins.yaml, or a reference. */
  readonly imageKey: string
  readonly env: Readonly<Record<string, string>>
  readonly runtime?: WantedRuntime | null
  readonly caches: readonly CacheFolder[]
  /** Runs before any file of the tree is there: the package manager itself. */
  readonly setup: readonly Command[]
  /** Folder of the repository that `install` runs in: the service's own, or the root of its workspace. */
  readonly root: string
  /** Globs relative to `root`: manifests and lock files, all that `install` may depend on. */
  readonly manifests: readonly string[]
  /**
   * Runs with the sources there, after each change of them: installs the service itself, where others import it by its package.
   * Apart from `install`, so that a change of the sources installs no dependency again.
   */
  readonly installSelf?: readonly Command[]
  /** What `audit` alone needs besides. Apart from its commands, which are never taken from the cache. */
  readonly auditSetup?: readonly Command[]
  /** What `install` says when manifest and lock file do not agree: a fault of the sources, not of their surroundings. */
  readonly lockProblems: readonly RegExp[]
  /** Relative to the service. */
  readonly reports: Pick<TestsConfig, "junit" | "lcov" | "cobertura">
  /** What `build` leaves behind, relative to the service. */
  readonly artifacts: readonly string[]
  readonly auditReport: AuditReportKind
  /** Relative to the repository; null when there is none. */
  readonly lockFile: string | null
  /** What was found in the tree, for people. */
  readonly notes: readonly string[]
}

/** A service as it was written, with the defaults that need no look at the tree. */
export interface ToolchainInput extends Pick<RawService, "path" | "commands" | "buildImage" | "dockerfile"> {
  readonly name: string
  readonly tests: TestsConfig
}

/** A recipe, and what in the tree speaks against it. */
export interface ToolchainAnswer {
  readonly recipe: ToolchainRecipe
  readonly problems: readonly ConfigProblem[]
}

/** How one kind of service is installed, linted, built and tested, before delivery.yaml has its say. */
export interface Toolchain {
  readonly name: string
  /** Names of files whose text it reads, in the service's folder and in those above it. */
  readonly factFiles: readonly string[]
  /** Whether a folder holds a service of this kind. */
  readonly detect: (tree: TreeFacts, path: string) => boolean
  /** `images` are those of pins.yaml, to choose the version of the language from. */
  readonly recipe: (service: ToolchainInput, tree: TreeFacts, images: readonly LanguageImage[]) => Promise<ToolchainAnswer>
}
