import type { Directory } from "@dagger.io/dagger"
import type { PathLookup } from "../core/config/config.js"
import { FACT_FILES } from "../core/detect/service.js"
import { foldersUp, joinPath, type TreeFacts } from "../core/detect/tree.js"

/** Asks the engine about each path once. */
export function pathLookup(source: Directory): PathLookup {
  const asked = new Map<string, Promise<boolean>>()
  const exists = (path: string): Promise<boolean> => {
    const answer = asked.get(path) ?? source.exists(path)
    asked.set(path, answer)
    return answer
  }
  return (paths) => existingPaths(source, paths, exists)
}

const FACT_FOLDERS = [...new Set(FACT_FILES.filter((name) => name.includes("/")).map((name) => name.split("/").slice(0, -1).join("/")))]

async function existingPaths(source: Directory, paths: readonly string[], exists: (path: string) => Promise<boolean>): Promise<ReadonlySet<string>> {
  const normal = paths.map((path) => joinPath(path)).filter((path) => path !== "")
  const found = await Promise.all(normal.map(async (path) => ((await exists(path)) ? [path] : [])))
  const missing = normal.filter((path) => !found.flat().includes(path))
  // What stands beside a missing path is where its typo is found.
  const beside = await Promise.all(missing.map(async (path) => {
    const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")))
    return folder !== "" && !(await exists(folder)) ? [] : listFolder(source, folder)
  }))
  return new Set([...found, ...beside].flat())
}

/** What stands in these folders and in those above them, with the texts of manifests and of these files. */
export async function readFacts(source: Directory, folders: readonly string[], files: readonly string[]): Promise<TreeFacts> {
  const all = [...new Set([...folders, ...files.map((file) => file.split("/").slice(0, -1).join("/"))].flatMap(foldersUp))]
  const listed = (await Promise.all(all.map((folder) => listFolder(source, folder)))).flat()
  // Some manifests lie one folder deeper: requirements/dev.txt.
  const below = all.flatMap((folder) => FACT_FOLDERS.map((name) => joinPath(folder, name))).filter((folder) => listed.includes(folder) && !all.includes(folder))
  const paths = [...listed, ...(await Promise.all(below.map((folder) => listFolder(source, folder)))).flat()]
  const wanted = paths.filter((path) => files.includes(path) || FACT_FILES.some((name) => path === name || path.endsWith(`/${name}`)))
  const texts = await Promise.all(wanted.map(async (path): Promise<[string, string]> => [path, await source.file(path).contents()]))
  return { paths: new Set(paths), texts: Object.fromEntries(texts) }
}

async function listFolder(source: Directory, folder: string): Promise<string[]> {
  const entries = await source.entries(folder === "" ? {} : { path: folder })
  return entries.map((entry) => joinPath(folder, entry))
}
