import { dag, type Directory } from "@dagger.io/dagger"

/** Yarn can keep every package in the repository; one by one that would take longer than what it saves. */
const FILES_AT_MOST = 300

/** Paths of the files in a folder and below it. */
export async function filePaths(folder: Directory): Promise<string[]> {
  return (await folder.glob("**/*")).filter((path) => !path.endsWith("/"))
}

/**
 * What the globs find, put together file by file. Of a file the engine knows the content; of a filtered directory only where
 * it came from, so that what is made from there would be made again after any change of the sources.
 */
export async function filesAlone(sources: Directory, globs: readonly string[]): Promise<Directory> {
  const filtered = sources.filter({ include: [...globs] })
  const paths = await filePaths(filtered)
  if (paths.length > FILES_AT_MOST) return filtered
  return paths.reduce((files, path) => files.withFile(path, sources.file(path)), dag.directory())
}
