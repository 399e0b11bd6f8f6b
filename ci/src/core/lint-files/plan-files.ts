import type { ChartConfig } from "../config/chart.js"
import type { Command } from "../config/commands.js"
import type { EnvironmentConfig } from "../config/environments.js"
import { helmLintArguments } from "../deploy/helm.js"
import { joinPath, nearestWith, relativeTo, type TreeFacts } from "../detect/tree.js"
import { counted } from "../gates/gate.js"
import { matchesGlob } from "../glob.js"
import { FILE_KINDS, type FileKind } from "./file-kinds.js"

/** What of a repository may be linted as a file, for the engine to look for. Matches more than is taken. */
export const LINTABLE_FILES: readonly string[] = [
  "**/Dockerfile*", "**/Containerfile*", "**/*.Dockerfile", "**/*.dockerfile", "**/*.yml", "**/*.yaml", "**/.yamllint",
]

/** One command, and the folder of the repository that it runs in. */
export interface FilesCommand {
  readonly argv: Command
  readonly folder: string
}

export interface FilesPlan {
  readonly commands: readonly FilesCommand[]
  /** `3 Dockerfiles, 12 YAML files, 2 CI files, 1 chart`; empty when there is nothing to lint. */
  readonly linted: string
}

export interface FilesInput {
  /** The files that match `LINTABLE_FILES`, and those that delivery.yaml names; the texts of CI files. */
  readonly tree: TreeFacts
  /** Dockerfiles that delivery.yaml names, whatever they are called. */
  readonly dockerfiles: readonly string[]
  /** Globs of files that are left out. */
  readonly exclude: readonly string[]
  readonly chart: ChartConfig | null
  readonly environments: readonly Pick<EnvironmentConfig, "namespace" | "values">[]
  /** Where the repository lies in the container. */
  readonly root: string
  /** Values that stand in for those that a release would bring, such as the digests of its images. */
  readonly releaseValues: string
}

/** Which tool looks at which file. */
export function planFiles(input: FilesInput): FilesPlan {
  const found = FILE_KINDS.map((kind) => ({ kind, files: filesOf(kind, input) }))
  const isLeftOut = (path: string): boolean => input.exclude.some((glob) => matchesGlob(path, glob))
  const leftOut = new Set(found.flatMap(({ files }) => files.filter(isLeftOut))).size
  const groups = found.map(({ kind, files }) => ({ kind, files: files.filter((path) => !isLeftOut(path)) }))
  const charts = input.chart === null ? [] : chartCommands(input.chart, input)
  return {
    commands: [...groups.flatMap(({ kind, files }) => commandsOf(kind, files, input.tree)), ...charts],
    linted: describeLinted(groups, charts.length > 0, leftOut),
  }
}

/** CI files, whose texts decide and are asked about later. */
export function ciFiles(paths: Iterable<string>): readonly string[] {
  return [...paths].filter((path) => FILE_KINDS.some((kind) => kind.counted === "CI file" && kind.takes(path, "")))
}

function filesOf(kind: FileKind, { tree, dockerfiles }: FilesInput): readonly string[] {
  const templates = [...tree.paths].filter((path) => /(?:^|\/)Chart\.yaml$/.test(path)).map((path) => joinPath(path.replace(/Chart\.yaml$/, ""), "templates/"))
  return [...tree.paths]
    .filter((path) => kind.takes(path, tree.texts[path] ?? "") || (kind.counted === "Dockerfile" && dockerfiles.includes(path)))
    // The templates of a chart are no YAML before Helm has rendered them.
    .filter((path) => !templates.some((folder) => path.startsWith(`${folder}/`)))
    .sort()
}

// Linux takes some 2 MB of arguments; what is run again after a change should be less.
const ARGUMENTS_LENGTH = 100_000

function commandsOf(kind: FileKind, files: readonly string[], tree: TreeFacts): readonly FilesCommand[] {
  const byFolder = new Map<string | null, string[]>()
  for (const file of files) {
    const own = kind.configNames.length === 0 ? null : nearestWith(tree, file.split("/").slice(0, -1).join("/"), kind.configNames)
    byFolder.set(own, [...(byFolder.get(own) ?? []), file])
  }
  return [...byFolder].flatMap(([own, inFolder]) =>
    inParts(inFolder.map((file) => relativeTo(own ?? "", file))).map((part) => ({ argv: [...kind.argv(own !== null), "--", ...part], folder: own ?? "" })),
  )
}

function inParts(files: readonly string[]): readonly (readonly string[])[] {
  const parts: string[][] = []
  let length = ARGUMENTS_LENGTH
  for (const file of files) {
    if (length + file.length > ARGUMENTS_LENGTH) {
      parts.push([])
      length = 0
    }
    parts.at(-1)?.push(file)
    length += file.length + 1
  }
  return parts
}

/** The chart with the values of each environment, as it will be deployed there. */
function chartCommands(chart: ChartConfig, { environments, root, releaseValues }: FilesInput): readonly FilesCommand[] {
  const commands = environments.map(({ namespace, values }) =>
    helmLintArguments({ name: chart.release, namespace, chart: ".", values: [...values.map((path) => `${root}/${joinPath(path)}`), releaseValues] }),
  )
  return commands.map((argv) => ({ argv, folder: joinPath(chart.path) }))
}

function describeLinted(groups: readonly { readonly kind: FileKind; readonly files: readonly string[] }[], hasChart: boolean, leftOut: number): string {
  const parts = (["Dockerfile", "YAML file", "CI file"] as const).map((name) => {
    const files = new Set(groups.filter(({ kind }) => kind.counted === name).flatMap(({ files }) => files))
    return files.size === 0 ? "" : counted(files.size, name)
  })
  return [...parts, hasChart ? "1 chart" : "", leftOut === 0 ? "" : `${counted(leftOut, "file")} left out (lint.exclude)`].filter((part) => part !== "").join(", ")
}
