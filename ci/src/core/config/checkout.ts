import { ConfigError, type ConfigProblem } from "../errors.js"
import { joinPath } from "../detect/tree.js"
import { suggestion } from "../nearest.js"
import { locate } from "./problems.js"
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
  return locate(missingPaths(config, existing), config.file, config.lines)
}

/** The same for a file as it was read, before it is known to be right. */
export function missingPaths(data: unknown, existing: ReadonlySet<string>): readonly SectionProblem[] {
  return namedPaths(data)
    .filter((named) => joinPath(named.file) !== REPOSITORY && !existing.has(joinPath(named.file)))
    .map((named): SectionProblem => {
      const expected = "a file or folder of the repository"
      const fix = suggestion(named.file, nearby(named.file, existing))
      return { path: named.path, expected, got: `\`${named.file}\`, which does not exist`, fix }
    })
}

export function assertPaths(config: Config, existing: ReadonlySet<string>): void {
  const problems = checkPaths(config, existing)
  if (problems.length > 0) throw new ConfigError(problems)
}

/** Every path that a delivery.yaml names, also in one that is broken elsewhere. */
export function namedPaths(data: unknown): readonly NamedPath[] {
  const root = entries(data)
  const named = (path: readonly (string | number)[], file: unknown): NamedPath[] => (typeof file === "string" && file !== "" ? [{ file, path }] : [])
  const services = entriesOf(root["services"]).flatMap(([name, service]) =>
    (["path", "context", "dockerfile"] as const).flatMap((key) => named(["services", name, key], entries(service)[key])),
  )
  const values = entriesOf(root["environments"]).flatMap(([name, environment]) => {
    const files = entries(environment)["values"]
    return (Array.isArray(files) ? (files as unknown[]) : []).flatMap((file, index) => named(["environments", name, "values", index], file))
  })
  const scripts = entriesOf(root["environments"]).flatMap(([name, environment]) => {
    const strategy = entries(environment)["strategy"]
    // As it is written, and as it is completed.
    const places: readonly (readonly string[])[] = [["canary"], ["blueGreen"], []]
    return places.flatMap((place) => named(["environments", name, "strategy", ...place, "traffic", "script"], entries(entries(place.reduce<unknown>((data, key) => entries(data)[key], strategy))["traffic"])["script"]))
  })
  const vex = entries(root["scan"])["vex"]
  const documents = (Array.isArray(vex) ? (vex as unknown[]) : []).flatMap((file, index) => named(["scan", "vex", index], file))
  const ofPolicies = entries(root["policies"])["values"]
  const settings = (Array.isArray(ofPolicies) ? (ofPolicies as unknown[]) : []).flatMap((file, index) => named(["policies", "values", index], file))
  const signing = entries(root["signing"])
  const trusted = [...named(["signing", "publicKey"], signing["publicKey"]), ...["trustedRoot", "signingConfig"].flatMap((key) => named(["signing", "keyless", key], entries(signing["keyless"])[key]))]
  const folder = (key: string): NamedPath[] => named([key, "path"], entries(root[key])["path"])
  return [...folder("chart"), ...services, ...values, ...scripts, ...documents, ...settings, ...trusted, ...["perf", "policies", "terraform"].flatMap(folder)]
}

const entries = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {}
const entriesOf = (value: unknown): readonly [string, unknown][] => Object.entries(entries(value))

/** What stands in the same folder: the place a typo is looked for. */
function nearby(file: string, existing: ReadonlySet<string>): readonly string[] {
  const folder = folderOf(joinPath(file))
  return [...existing].filter((path) => folderOf(path) === folder).slice(0, 20)
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")))
}
