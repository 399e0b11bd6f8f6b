import { foldersUp, hasFile, joinPath, textOf, type TreeFacts } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import { requirementName, packageName, resolvePath } from "./requirements.js"
import { isTable, readToml, tableAt, textAt, textsOf, valueAt, type TomlFile } from "./pyproject.js"

/** What the files of a service, and of the folders above it, say of it. */
export interface PythonProject {
  /** The service's folder, relative to the repository. */
  readonly path: string
  readonly tree: TreeFacts
  /** pyproject.toml by folder, of the service's folder and of those above it. */
  readonly manifests: Readonly<Record<string, TomlFile>>
  /** The service's own pyproject.toml. */
  readonly own: TomlFile | null
}

export async function readProject(tree: TreeFacts, servicePath: string): Promise<{ project: PythonProject; problems: readonly ConfigProblem[] }> {
  const path = joinPath(servicePath)
  const answers = await Promise.all(foldersUp(path).map(async (folder) => ({ folder, ...(await readToml(tree, folder, "pyproject.toml")) })))
  const manifests = Object.fromEntries(answers.flatMap(({ folder, toml }) => (toml === null ? [] : [[folder, toml]])))
  return { project: { path, tree, manifests, own: manifests[path] ?? null }, problems: answers.flatMap(({ problems }) => problems) }
}

/** Extras that hold tools rather than features; other extras are the users' choice. */
const TOOL_EXTRAS: readonly string[] = ["dev", "develop", "development", "test", "tests", "testing", "lint", "typing", "ci"]

export function toolExtras(toml: TomlFile | null): readonly string[] {
  const extras = [...Object.keys(tableAt(toml, "project", "optional-dependencies")), ...Object.keys(tableAt(toml, "tool", "poetry", "extras"))]
  return [...new Set(extras)].filter((extra) => TOOL_EXTRAS.includes(extra))
}

/** Names of all that a pyproject.toml asks for with its groups and its extras of tools. */
export function declaredPackages(toml: TomlFile | null): readonly string[] {
  const extras = tableAt(toml, "project", "optional-dependencies")
  const requirements = [
    ...textsOf(valueAt(toml, "project", "dependencies")),
    ...toolExtras(toml).flatMap((extra) => textsOf(extras[extra])),
    ...Object.values(tableAt(toml, "dependency-groups")).flatMap(textsOf),
    ...textsOf(valueAt(toml, "tool", "uv", "dev-dependencies")),
  ]
  return [...requirements.flatMap(requirementName), ...poetryTables(toml).flatMap(Object.keys).map(packageName)].filter((name) => name !== "python")
}

/** Whether a pyproject.toml asks for anything that a lock file would have to hold. */
export function hasDependencies(toml: TomlFile | null): boolean {
  const isDynamic = textsOf(valueAt(toml, "project", "dynamic")).includes("dependencies")
  return declaredPackages(toml).length > 0 || isDynamic
}

/** Folders of the repository that a pyproject.toml takes dependencies from: `{path = "../shared"}`. */
export function localFolders(project: PythonProject, folder: string): readonly string[] {
  const toml = project.manifests[folder] ?? null
  const asked = [...Object.values(tableAt(toml, "tool", "uv", "sources")), ...poetryTables(toml).flatMap((table) => Object.values(table))]
  const paths = asked.flatMap((each) => (Array.isArray(each) ? each : [each])).flatMap((each) => (isTable(each) && typeof each["path"] === "string" ? [each["path"]] : []))
  return paths.flatMap((path) => resolvePath(folder, path) ?? [])
}

/** Whether the project can be installed as a package itself. */
export function hasBuildSystem(toml: TomlFile | null): boolean {
  return textAt(toml, "build-system", "build-backend") !== null
}

/** The nearest folder, from the service's upwards, where a tool finds settings: a table of pyproject.toml, a file, a section of an INI file. */
export function configuredIn(project: PythonProject, tool: { readonly table: string; readonly files: readonly string[]; readonly sections?: Readonly<Record<string, string>> }): string | null {
  const isConfigured = (folder: string): boolean =>
    isTable(valueAt(project.manifests[folder] ?? null, "tool", tool.table)) ||
    tool.files.some((name) => hasFile(project.tree, folder, name)) ||
    Object.entries(tool.sections ?? {}).some(([name, section]) => (textOf(project.tree, folder, name) ?? "").split(/\r?\n/).some((line) => line.trim() === `[${section}]`))
  return foldersUp(project.path).find(isConfigured) ?? null
}

function poetryTables(toml: TomlFile | null): readonly Readonly<Record<string, unknown>>[] {
  const groups = Object.keys(tableAt(toml, "tool", "poetry", "group"))
  return [tableAt(toml, "tool", "poetry", "dependencies"), tableAt(toml, "tool", "poetry", "dev-dependencies"), ...groups.map((group) => tableAt(toml, "tool", "poetry", "group", group, "dependencies"))]
}
