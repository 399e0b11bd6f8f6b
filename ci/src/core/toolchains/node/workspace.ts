import { foldersUp, joinPath, relativeTo, textOf, type TreeFacts } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import { matchesGlob } from "../../glob.js"
import { loadYaml } from "../../lazy.js"
import { readManifest, type PackageManifest } from "./manifest.js"

/** A folder whose lock file covers the packages that its globs name. */
export interface NodeWorkspace {
  readonly root: string
  readonly manifest: PackageManifest
  /** Globs of its packages, relative to its root. */
  readonly globs: readonly string[]
  readonly problems: readonly ConfigProblem[]
}

const PNPM_WORKSPACE = "pnpm-workspace.yaml"

/** The workspace that a folder heads, whether anything else belongs to it or not. */
export async function workspaceAt(tree: TreeFacts, root: string): Promise<NodeWorkspace> {
  const { manifest, problems } = readManifest(tree, root)
  const file = joinPath(root, PNPM_WORKSPACE)
  const text = textOf(tree, root, PNPM_WORKSPACE)
  const pnpm = text === null ? { globs: [], problems: [] } : await pnpmGlobs(file, text)
  return { root, manifest, globs: [...manifest.workspaces, ...pnpm.globs], problems: [...problems, ...pnpm.problems] }
}

/** The workspace around a folder that names it as one of its packages; null when there is none. */
export async function workspaceAround(tree: TreeFacts, folder: string): Promise<{ workspace: NodeWorkspace | null; problems: readonly ConfigProblem[] }> {
  const above = await Promise.all(foldersUp(folder).slice(1).map((root) => workspaceAt(tree, root)))
  const workspace = above.find(({ root, globs }) => includes(globs, relativeTo(root, folder))) ?? null
  // A root that cannot be read may be the one that is missing.
  return { workspace, problems: workspace === null ? above.flatMap(({ problems }) => problems) : workspace.problems }
}

/** Globs of the manifests of all packages of a workspace. */
export function packageManifests(globs: readonly string[]): readonly string[] {
  return globs.filter((glob) => !glob.startsWith("!")).map((glob) => joinPath(glob, "package.json"))
}

/** What dependencies on folders and archives of the repository need besides, relative to the root: `file:../shared`. */
export function localDependencies({ file, dependencies }: PackageManifest, root: string): readonly string[] {
  const folder = relativeTo(root, file).split("/").slice(0, -1)
  return [...dependencies.values()].flatMap((asked) => {
    const [, protocol, target] = /^(file|link|portal):(.*)$/.exec(asked) ?? []
    const path = target === undefined ? null : resolve(folder, target)
    if (path === null || path === "") return []
    return protocol === "file" ? [path, `${path}/**`] : [`${path}/package.json`]
  })
}

/** Null when the path leads out of the root. */
function resolve(folder: readonly string[], target: string): string | null {
  const parts = [...folder]
  for (const part of target.split("/").filter((each) => each !== "" && each !== ".")) {
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join("/")
}

function includes(globs: readonly string[], path: string): boolean {
  const [excluded, included] = [globs.filter((glob) => glob.startsWith("!")), globs.filter((glob) => !glob.startsWith("!"))]
  return included.some((glob) => matchesGlob(path, joinPath(glob))) && !excluded.some((glob) => matchesGlob(path, joinPath(glob.slice(1))))
}

async function pnpmGlobs(file: string, text: string): Promise<{ globs: readonly string[]; problems: readonly ConfigProblem[] }> {
  const problem = (line: number, got: string): ConfigProblem => ({ file, line, where: "", expected: "valid YAML", got, fix: "Correct the syntax." })
  const yaml = await loadYaml()
  const counter = new yaml.LineCounter()
  const document = yaml.parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const error = document.errors[0]
  if (error !== undefined) return { globs: [], problems: [problem(counter.linePos(error.pos[0]).line, error.message.split("\n")[0] ?? "")] }
  try {
    const packages = (document.toJS() as { readonly packages?: unknown } | null)?.packages
    return { globs: Array.isArray(packages) ? packages.filter((glob): glob is string => typeof glob === "string") : [], problems: [] }
  } catch {
    // Aliases that lead nowhere, or that unfold without end.
    return { globs: [], problems: [problem(1, "aliases that cannot be followed")] }
  }
}
