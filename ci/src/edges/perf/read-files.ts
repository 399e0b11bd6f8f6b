import type { Directory } from "@dagger.io/dagger"
import type { LoadFiles } from "../../core/perf/load-folder.js"
import { filePaths } from "../files-alone.js"

/** Every file that is there, with its text. */
export async function readFiles(folder: Directory): Promise<LoadFiles> {
  const paths = await filePaths(folder)
  return Object.fromEntries(await Promise.all(paths.map(async (path): Promise<[string, string]> => [path, await folder.file(path).contents()])))
}
