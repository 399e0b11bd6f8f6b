import { joinPath, textOf, type TreeFacts } from "../../detect/tree.js"

/** Names under which requirements are written down, the usual first. */
export const MAIN_REQUIREMENTS: readonly string[] = ["requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt"]
export const DEV_REQUIREMENTS: readonly string[] = [
  "requirements-dev.txt",
  "dev-requirements.txt",
  "requirements_dev.txt",
  "requirements/dev.txt",
  "requirements/development.txt",
  "requirements-test.txt",
  "test-requirements.txt",
  "requirements/test.txt",
  "requirements/tests.txt",
]

/** What a requirements file asks for, together with the files that it includes. */
export interface Requirements {
  readonly names: readonly string[]
  readonly hashed: boolean
  /** Some lines are a folder of the repository, such as `-e .`. */
  readonly local: boolean
  /** Files that were read, relative to the repository. */
  readonly files: readonly string[]
}

export function readRequirements(tree: TreeFacts, folder: string, name: string, seen: readonly string[] = []): Requirements {
  const file = joinPath(folder, name)
  const text = textOf(tree, "", file)
  if (text === null || seen.includes(file)) return { names: [], hashed: false, local: false, files: [] }
  const lines = text.replace(/\\\r?\n/g, " ").split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, "").trim())
  const beside = file.split("/").slice(0, -1).join("/")
  const included = lines.flatMap((line) => {
    const target = /^(?:-r|--requirement)[\s=]*(\S+)/.exec(line)?.[1]
    const path = target === undefined ? null : resolvePath(beside, target)
    return path === null ? [] : [readRequirements(tree, "", path, [...seen, file])]
  })
  return {
    names: [...lines.flatMap(requirementName), ...included.flatMap(({ names }) => names)],
    hashed: lines.some((line) => line.includes("--hash=")) || included.some(({ hashed }) => hashed),
    local: lines.some(isLocal) || included.some(({ local }) => local),
    files: [file, ...included.flatMap(({ files }) => files)],
  }
}

/** The name of the package that a requirement begins with, as PyPI writes it; none for options and paths. */
export function requirementName(requirement: string): readonly string[] {
  const name = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:$|[[<>=!~;@(\s])/.exec(requirement)?.[1]
  return name === undefined ? [] : [packageName(name)]
}

export function packageName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-")
}

/** A path of the repository as written in one of its folders; null when it leads out of it. */
export function resolvePath(folder: string, target: string): string | null {
  const parts = joinPath(folder).split("/").filter((part) => part !== "")
  for (const part of joinPath(target).split("/")) {
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return target.startsWith("/") ? null : joinPath(...parts)
}

function isLocal(line: string): boolean {
  const target = line.replace(/^(-e|--editable)[\s=]*/, "")
  return /^\.{0,2}\//.test(target) || /^\.{1,2}($|\[|\s)/.test(target) || /^file:/.test(target) || /@\s*file:/.test(target)
}
