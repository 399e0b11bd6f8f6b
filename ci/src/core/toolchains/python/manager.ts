import type { Command } from "../../config/commands.js"
import type { CacheFolder } from "../toolchain.js"
import type { PythonProject } from "./project.js"

/** The environment that everything is installed into, away from the sources and from the image's own. */
export const PYTHON_VENV = "/venv"

/** What a package manager needs to know to write its commands. */
export interface PythonInstall {
  readonly project: PythonProject
  /** Folder of the repository with the lock file. */
  readonly lockFolder: string
  /** The same as seen from where `install` runs; the empty path is there. */
  readonly folder: string
}

/** How one package manager installs a service. */
export interface PythonInstallPlan {
  readonly setup: readonly Command[]
  /** Runs with the manifests alone. */
  readonly install: readonly Command[]
  /** Runs in the service's folder with all sources there, and installs the service itself. */
  readonly installSelf: readonly Command[]
  readonly env: Readonly<Record<string, string>>
  readonly caches: readonly CacheFolder[]
  /** Globs relative to `lockFolder`. */
  readonly manifests: readonly string[]
  readonly lockProblems: readonly RegExp[]
  /** Name of the lock file in `lockFolder`. */
  readonly lockFile: string
  /** Names of the packages that are there afterwards because somebody asked for them. */
  readonly packages: readonly string[]
  /** Folders of the repository that are installed from. */
  readonly localFolders: readonly string[]
  /** A requirements file with hashes, relative to the service, for the audit; null where the audit asks the environment what is in it. */
  readonly auditedFile: string | null
  readonly notes: readonly string[]
}

/** One package manager of Python. */
export interface PythonManager {
  readonly name: string
  /** The folder whose lock file covers the service; null when there is none. */
  readonly lockFolder: (project: PythonProject) => string | null
  readonly plan: (install: PythonInstall) => Promise<PythonInstallPlan>
}
