import type { DetectedService } from "../detect/service.js"
import type { FoundTree } from "./find.js"

/** A service of the new delivery.yaml, with what its files told. */
export interface FoundService {
  readonly name: string
  readonly path: string
  readonly detected: DetectedService
}

/** A delivery.yaml for what was found; what nothing told stands there as a comment. */
export function renderDeliveryYaml(project: string, found: FoundTree, services: readonly FoundService[]): string {
  const [chart, ...moreCharts] = found.charts
  return [
    "# What is delivered, where to and how. Written by `init`: read it once, the comments say what it could not tell.",
    "version: 1",
    `project: ${project}`,
    "",
    ...(chart === undefined
      ? ["# No Helm chart was found, so there is nothing to deploy yet:", "# chart: {path: charts/…, release: …}"]
      : ["chart:", `  path: ${quoted(chart)}`, `  release: ${project}`, ...moreCharts.map((path) => `  # Another chart: ${path}`)]),
    "",
    "services:",
    ...services.flatMap((service) => [...serviceLines(service), ""]),
    ...leftOutLines(found),
    "# The environments, in the order that a release takes. `local` lives and dies inside a call and needs no entry.",
    "# environments:",
    "#   staging: {kubeconfig: KUBECONFIG_STAGING, allowPerf: true}",
    "#   production: {kubeconfig: KUBECONFIG_PRODUCTION, approval: required, requires: [lint, audit, build, test]}",
    "",
  ].join("\n")
}

/** What `init` tells while it works: one line a service, then what stands against it. */
export function describeFound(found: FoundTree, services: readonly FoundService[]): readonly string[] {
  return [
    ...services.flatMap(({ name, path, detected: { facts, problems } }) => [
      `${name} (${path}): ${[facts.toolchain, ...facts.recipe.notes].join("; ")}`,
      ...problems.map(({ file, expected, got, fix }) => `  to mend: ${file}: expected ${expected}, got ${got}. ${fix}`),
    ]),
    ...found.charts.map((path) => `chart: ${path}`),
    ...found.leftOut.map(({ path, reason }) => `left out: ${path} (${reason})`),
  ]
}

function serviceLines({ name, path, detected: { facts, problems } }: FoundService): readonly string[] {
  const { recipe } = facts
  const missing = (["lint", "build", "test"] as const).filter((command) => recipe[command].length === 0)
  return [
    `  ${name}:`,
    `    path: ${quoted(path)}`,
    `    toolchain: ${facts.toolchain}${recipe.notes.length === 0 ? "" : ` # ${oneComment(recipe.notes.join("; "))}`}`,
    ...problems.map((problem) => `    # To mend: ${oneComment(`${problem.file}: expected ${problem.expected}, got ${problem.got}. ${problem.fix}`)}`),
    ...(facts.dockerfile === null ? ["    # No Dockerfile was found: there will be no image."] : [`    dockerfile: ${quoted(facts.dockerfile)}`, "    # context: .   if the Dockerfile copies from the repository's root"]),
    facts.port === null ? "    # port: 8080   the port that it listens on; nothing told it" : `    port: ${facts.port}`,
    ...(recipe.start.length === 0 && facts.port === null ? [] : ["    # health: /health/live   and `ready`, `metrics`: the paths that it answers, if these are others"]),
    ...(missing.length === 0 ? [] : [`    # commands: {${missing.map((command) => `${command}: […]`).join(", ")}}   nothing told how to ${missing.join(", ")}`]),
  ]
}

function leftOutLines({ leftOut }: FoundTree): readonly string[] {
  return leftOut.length === 0 ? [] : ["# Left out:", ...leftOut.map(({ path, reason }) => `#   ${oneComment(path)}: ${reason}`), ""]
}

// A path may hold anything but a line break; JSON's strings are YAML's.
const quoted = (path: string): string => (/^[A-Za-z0-9_./-]+$/.test(path) ? path : JSON.stringify(path))
const oneComment = (text: string): string => text.replace(/\s+/g, " ").trim()
