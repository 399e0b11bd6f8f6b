/** What is known of a checkout: names of files, and the texts of the manifests among them. Paths are relative to the repository. */
export interface TreeFacts {
  readonly paths: ReadonlySet<string>
  readonly texts: Readonly<Record<string, string>>
}

export const EMPTY_TREE: TreeFacts = { paths: new Set(), texts: {} }

/** `apps/web` and `package.json` as one path; `.` is the repository itself. */
export function joinPath(...parts: readonly string[]): string {
  return parts.flatMap((part) => part.split("/")).filter((part) => part !== "" && part !== ".").join("/")
}

export function hasFile(tree: TreeFacts, folder: string, name: string): boolean {
  return tree.paths.has(joinPath(folder, name))
}

/** The text of a manifest; null when there is none. */
export function textOf(tree: TreeFacts, folder: string, name: string): string | null {
  return tree.texts[joinPath(folder, name)] ?? null
}

/** A path as seen from a folder that it lies in: `apps/web` from `apps` is `web`, from itself the empty path. */
export function relativeTo(folder: string, path: string): string {
  return joinPath(path).slice(joinPath(folder).length).replace(/^\//, "")
}

/** A folder and those above it, up to the repository itself: `apps/web`, `apps`, and the empty path. */
export function foldersUp(folder: string): readonly string[] {
  const parts = joinPath(folder).split("/").filter((part) => part !== "")
  return [...parts.map((_, index) => parts.slice(0, parts.length - index).join("/")), ""]
}

/** The nearest folder, from this one upwards, that has one of the files; null when none has. */
export function nearestWith(tree: TreeFacts, folder: string, names: readonly string[]): string | null {
  return foldersUp(folder).find((up) => names.some((name) => hasFile(tree, up, name))) ?? null
}
