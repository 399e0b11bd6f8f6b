import { ConfigError, type ConfigProblem } from "../errors.js"
import { suggestion } from "../nearest.js"
import { locate } from "./config.js"
import type { Config } from "./model.js"
import type { SectionProblem } from "./section.js"

interface NamedPath {
  readonly file: string
  readonly path: readonly (string | number)[]
}

/** `.`, the checkout itself, without its dot. */
const REPOSITORY = ""

/** Every file and folder of the checkout that delivery.yaml counts on. */
export function pathsToCheck(config: Config): readonly string[] {
  return [...new Set(namedPaths(config).map((named) => named.file))]
}

/** A problem for each path that delivery.yaml names and the checkout does not have. */
export function checkPaths(config: Config, existing: ReadonlySet<string>): readonly ConfigProblem[] {
  const problems = namedPaths(config)
    .filter((named) => normalPath(named.file) !== REPOSITORY && !existing.has(normalPath(named.file)))
    .map((named): SectionProblem => {
      const expected = "a file or folder of the repository"
      const fix = suggestion(named.file, nearby(named.file, existing))
      return { path: named.path, expected, got: `\`${named.file}\`, which does not exist`, fix }
    })
  return locate(problems, config.file, config.lines)
}

export function assertPaths(config: Config, existing: ReadonlySet<string>): void {
  const problems = checkPaths(config, existing)
  if (problems.length > 0) throw new ConfigError(problems)
}

function namedPaths(config: Config): readonly NamedPath[] {
  const services = Object.values(config.services).flatMap((service): NamedPath[] =>
    (["path", "context", "dockerfile"] as const).map((key) => ({
      file: service[key],
      path: ["services", service.name, key],
    })),
  )
  const values = Object.values(config.environments).flatMap((environment): NamedPath[] =>
    environment.values.map((file, index) => ({ file, path: ["environments", environment.name, "values", index] })),
  )
  const folders = (["perf", "policies", "terraform"] as const).flatMap((key): NamedPath[] => {
    const section = config[key]
    return section === null ? [] : [{ file: section.path, path: [key, "path"] }]
  })
  return [{ file: config.chart.path, path: ["chart", "path"] }, ...services, ...values, ...folders]
}

/** What stands in the same folder: the place a typo is looked for. */
function nearby(file: string, existing: ReadonlySet<string>): readonly string[] {
  const folder = folderOf(normalPath(file))
  return [...existing].filter((path) => folderOf(path) === folder).slice(0, 20)
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")))
}

function normalPath(path: string): string {
  return path.split("/").filter((part) => part !== "" && part !== ".").join("/")
}
