import { joinPath } from "../detect/tree.js"

/** Where a service lies: in the container that its tools ran in, and in the repository. */
export interface SourcePlace {
  /** Absolute, such as `/work/apps/api`. */
  readonly folder: string
  /** Relative to the repository, such as `apps/api`; empty for the repository itself. */
  readonly path: string
}

/** The path in the repository of a file as a tool names it; null for a file outside, such as one of a library. */
export function repositoryPath(place: SourcePlace, name: string): string | null {
  const path = segments(place.path)
  const given = segments(name.replace(/^file:\/\//, "").replaceAll("\\", "/"))
  if (!/^(file:\/\/)?\//.test(name)) {
    // Tools that run at the root of a workspace name the whole path.
    return normal(path.length > 0 && startsWith(given, path) ? given : [...path, ...given])
  }
  const folder = segments(place.folder)
  // From the service's folder both ways lead up as long as they have the same names.
  let shared = 0
  while (shared < Math.min(folder.length, path.length) && folder.at(-1 - shared) === path.at(-1 - shared)) shared += 1
  const [above, belowRepository] = [folder.slice(0, folder.length - shared), path.slice(0, path.length - shared)]
  return startsWith(given, above) && above.length > 0 ? normal([...belowRepository, ...given.slice(above.length)]) : null
}

const segments = (path: string): string[] => joinPath(path).split("/").filter((part) => part !== "")
const startsWith = (path: readonly string[], start: readonly string[]): boolean => start.every((part, index) => path[index] === part)

/** Without `..`; null when that leads out of the repository. */
function normal(path: readonly string[]): string | null {
  const parts: string[] = []
  for (const part of path) {
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.join("/")
}

/** The same for a finding, which keeps the name that the tool gave to a file outside. */
export const repositoryFile = (file: string, place: SourcePlace): string => repositoryPath(place, file) ?? file
