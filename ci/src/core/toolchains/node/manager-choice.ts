import { foldersUp, hasFile, joinPath, textOf, type TreeFacts } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import type { PackageManager } from "./manager.js"
import { PACKAGE_MANAGERS } from "./managers.js"
import { lineOfKey, printable, type PackageManifest } from "./manifest.js"
import type { NodeWorkspace } from "./workspace.js"

/** A lock file, with the package manager that wrote it. */
interface FoundLock {
  readonly folder: string
  readonly file: string
  readonly text: string
  readonly manager: PackageManager
}

/** What `packageManager` says. */
interface DeclaredManager {
  readonly manager: PackageManager
  readonly version: string
  readonly manifest: PackageManifest
}

export interface ManagerChoice {
  readonly manager: PackageManager
  /** Null for the version that the image brings. */
  readonly version: string | null
  /** Folder of the lock file, in which `install` runs. */
  readonly root: string
  /** Relative to the repository; null when there is none. */
  readonly lockFile: string | null
  readonly note: string
  readonly problems: readonly ConfigProblem[]
}

export interface ManagerInput {
  readonly path: string
  readonly manifest: PackageManifest
  /** The workspace that the service is a part of. */
  readonly workspace: NodeWorkspace | null
  /** delivery.yaml says how to install, so no lock file has to. */
  readonly ownInstall: boolean
}

/** `packageManager` decides, else the lock file; where they do not agree nothing is guessed. */
export function chooseManager(tree: TreeFacts, input: ManagerInput): ManagerChoice {
  const { path, manifest, workspace, ownInstall } = input
  const manifests = [manifest, ...(workspace === null ? [] : [workspace.manifest])]
  const { declared, problems } = declaredManager(manifests)
  const locks = [path, ...(workspace === null ? [] : [workspace.root])].map((folder) => locksIn(tree, folder))
  const usable = locks.map((found) => found.filter(({ manager }) => declared === null || manager === declared.manager)).find((found) => found.length > 0) ?? []
  const [lock] = usable
  const manager = declared?.manager ?? lock?.manager ?? (PACKAGE_MANAGERS[0] as PackageManager)
  const version = declared?.version ?? manager.versionFor(lock?.text ?? "")
  const source = declared === null ? (lock === undefined ? "nothing in the tree names another" : lock.file) : `packageManager in ${declared.manifest.file}`
  const found = { manager, version, root: lock?.folder ?? workspace?.root ?? joinPath(path), lockFile: lock?.file ?? null, note: `${manager.program}${version === null ? "" : ` ${version}`} (${source})` }
  if (ownInstall) return { ...found, problems: [] }
  if (problems.length > 0) return { ...found, problems }
  if (lock === undefined) return { ...found, problems: [declared === null || locks.flat().length === 0 ? noLock(tree, input, manager) : otherLock(declared, locks.flat())] }
  const kinds = new Set(usable.map((each) => each.manager))
  return { ...found, problems: kinds.size > 1 ? [twoLocks(input, usable)] : [] }
}

function locksIn(tree: TreeFacts, folder: string): readonly FoundLock[] {
  return PACKAGE_MANAGERS.flatMap((manager) => {
    const name = manager.lockFiles.find((each) => hasFile(tree, folder, each))
    if (name === undefined) return []
    const text = textOf(tree, folder, name) ?? ""
    const rivals = PACKAGE_MANAGERS.filter((other) => other.lockFiles.includes(name))
    // An empty yarn.lock marks a folder as a project of Yarn; its settings file tells which.
    const known = rivals.find((rival) => rival.wrote(text)) ?? rivals.find((rival) => rival.manifests.some((file) => hasFile(tree, folder, file))) ?? rivals[0]
    return known === manager ? [{ folder: joinPath(folder), file: joinPath(folder, name), text, manager }] : []
  })
}

const DECLARATION = /^(\w+)@(\d+\.\d+\.\d+(?:-[\w.-]+)?)(?:\+[\w.+/=-]*)?$/

function declaredManager(manifests: readonly PackageManifest[]): { declared: DeclaredManager | null; problems: readonly ConfigProblem[] } {
  const manifest = manifests.find(({ packageManager }) => packageManager !== null)
  if (manifest === undefined) return { declared: null, problems: [] }
  const written = manifest.packageManager ?? ""
  const [, program, version = ""] = DECLARATION.exec(written) ?? []
  const manager = PACKAGE_MANAGERS.find((each) => each.program === program && each.isVersion(version))
  if (manager !== undefined) return { declared: { manager, version, manifest }, problems: [] }
  const known = [...new Set(PACKAGE_MANAGERS.map((each) => each.program))].join(", ")
  const problem = {
    ...at(manifest),
    expected: `the name of a package manager (${known}) and its exact version, such as \`npm@11.6.0\``,
    got: `\`${printable(written)}\``,
    fix: "Correct it; for another package manager set `commands.install` and the other `commands` in delivery.yaml.",
  }
  return { declared: null, problems: [problem] }
}

function noLock(tree: TreeFacts, { path, manifest, workspace }: ManagerInput, manager: PackageManager): ConfigProblem {
  const stray = foldersUp(path).slice(1).flatMap((folder) => locksIn(tree, folder))[0]
  const beside = workspace === null ? "" : ` or in ${workspace.root === "" ? "the repository's root" : workspace.root}`
  const other = stray === undefined || workspace !== null ? "" : ` (${stray.file} is for a workspace that does not name this folder)`
  return {
    file: manifest.file,
    line: 1,
    where: "",
    expected: `a lock file beside it${beside}: ${[...new Set(PACKAGE_MANAGERS.flatMap(({ lockFiles }) => lockFiles))].join(", ")}`,
    got: `none${other}`,
    fix: `Run \`${manager.lockCommand}\` there and commit what it writes, or set \`commands.install\` in delivery.yaml.`,
  }
}

function otherLock({ manager, version, manifest }: DeclaredManager, locks: readonly FoundLock[]): ConfigProblem {
  return {
    ...at(manifest),
    expected: `the lock file of ${manager.program} ${version}: ${manager.lockFiles.at(-1)}`,
    got: `only ${locks.map((lock) => `${lock.file}, which ${lock.manager.kind} wrote`).join(", and ")}`,
    fix: `Run \`${manager.lockCommand}\` and commit what it writes instead, or name the package manager that you use in \`packageManager\`.`,
  }
}

function twoLocks({ manifest }: ManagerInput, locks: readonly FoundLock[]): ConfigProblem {
  const files = locks.map(({ file }) => file).join(" and ")
  return { ...at(manifest), expected: "`packageManager`, for there are several lock files", got: files, fix: "Delete those that nobody uses, or name the package manager, such as `\"packageManager\": \"npm@11.6.0\"`." }
}

function at(manifest: PackageManifest): Pick<ConfigProblem, "file" | "line" | "where"> {
  return { file: manifest.file, line: lineOfKey(manifest, "packageManager"), where: "packageManager" }
}
