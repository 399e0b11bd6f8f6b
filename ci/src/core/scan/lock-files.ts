/** A lock file by its name. */
interface LockFileKind {
  /** Trivy's name of it. */
  readonly kind: string
  /** Whether the text names no dependency, so that there is nothing to understand in it. */
  readonly isEmpty: (text: string) => boolean
}

const written = (text: string): readonly string[] => text.split("\n").filter((line) => !/^\s*(#|\/\/|$)/.test(line))
const never = (): boolean => false

// Trivy passes over a lock file that it cannot read without a word, so each of these must be in its report.
const LOCK_FILES: Readonly<Record<string, LockFileKind>> = {
  "package-lock.json": { kind: "npm", isEmpty: isEmptyNpm },
  "npm-shrinkwrap.json": { kind: "npm", isEmpty: isEmptyNpm },
  "yarn.lock": { kind: "yarn", isEmpty: (text) => text.trim() !== "" && written(text).every((line) => /^(__metadata:|  \S|"[^"]*@workspace:|$)/.test(line)) },
  "pnpm-lock.yaml": { kind: "pnpm", isEmpty: (text) => /^lockfileVersion:/m.test(text) && !/^(packages|snapshots):/m.test(text) },
  "requirements.txt": { kind: "pip", isEmpty: (text) => written(text).every((line) => /^\s*-/.test(line)) },
  "poetry.lock": { kind: "poetry", isEmpty: (text) => /^\[metadata\]/m.test(text) && !/^\[\[package/m.test(text) },
  "uv.lock": { kind: "uv", isEmpty: (text) => /^version = /m.test(text) && !/^\[\[package/m.test(text) },
  "Pipfile.lock": { kind: "pipenv", isEmpty: (text) => /"_meta"/.test(text) && !/"version"\s*:/.test(text) },
  "go.mod": { kind: "gomod", isEmpty: (text) => /^module /m.test(text) && !/^(require|replace)\b/m.test(text) },
  "Cargo.lock": { kind: "cargo", isEmpty: (text) => /^version = /m.test(text) && !/^\[\[package/m.test(text) },
  "composer.lock": { kind: "composer", isEmpty: (text) => /"packages"\s*:\s*\[\s*\]/.test(text) && /"packages-dev"\s*:\s*\[\s*\]/.test(text) },
  "Gemfile.lock": { kind: "bundler", isEmpty: never },
  "gradle.lockfile": { kind: "gradle", isEmpty: (text) => written(text).every((line) => /^empty=/.test(line)) },
  "pom.xml": { kind: "pom", isEmpty: (text) => /<project[\s>]/.test(text) && !/<dependency>/.test(text) },
}

// Trivy knows the other names by itself.
const UNKNOWN_TO_TRIVY = ["npm-shrinkwrap.json"]

const nameOf = (path: string): string => path.split("/").at(-1) ?? path
const kindOf = (path: string, known: readonly string[]): string | null =>
  LOCK_FILES[nameOf(path)]?.kind ?? (known.includes(path) ? (/requirements|\.txt$/.test(path) ? "pip" : null) : null)

/** The lock files of a tree: those by name, and those that the services' toolchains install from. */
export function lockFilesOf(paths: Iterable<string>, known: readonly string[]): readonly string[] {
  return [...paths].filter((path) => kindOf(path, known) !== null).sort()
}

/** Those that Trivy must be told about, with their kind. */
export function lockFilesToName(lockFiles: readonly string[], known: readonly string[]): Readonly<Record<string, string>> {
  const unusual = lockFiles.filter((path) => LOCK_FILES[nameOf(path)] === undefined || UNKNOWN_TO_TRIVY.includes(nameOf(path)))
  return Object.fromEntries(unusual.map((path) => [path, kindOf(path, known) ?? ""]))
}

/** Whether a lock file names nothing, and is whole as far as that can be told. */
export function hasNoDependencies(path: string, text: string): boolean {
  return (LOCK_FILES[nameOf(path)]?.isEmpty ?? LOCK_FILES["requirements.txt"]?.isEmpty ?? never)(text)
}

function isEmptyNpm(text: string): boolean {
  try {
    const lock: unknown = JSON.parse(text)
    if (typeof lock !== "object" || lock === null) return false
    const { packages, dependencies, lockfileVersion } = lock as Readonly<Record<string, unknown>>
    const names = Object.keys({ ...(packages as object | undefined), ...(dependencies as object | undefined) })
    return typeof lockfileVersion === "number" && names.every((name) => !name.includes("node_modules/") && (packages !== undefined || name === ""))
  } catch {
    // Not JSON: a broken lock file, which is not an empty one.
    return false
  }
}
