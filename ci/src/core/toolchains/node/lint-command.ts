import type { Command } from "../../config/commands.js"
import { foldersUp, joinPath, relativeTo, textOf, type TreeFacts } from "../../detect/tree.js"
import type { FoundCommands, NodeFacts } from "./facts.js"
import { printable } from "./manifest.js"

interface LintTool {
  readonly name: string
  /** Packages that bring it. */
  readonly packages: readonly string[]
  readonly configFile: RegExp
  /** Key of package.json that configures it too. */
  readonly configKey: string
  readonly command: (facts: NodeFacts) => Command
}

const LINT_TOOLS: readonly LintTool[] = [
  {
    name: "eslint",
    packages: ["eslint", "react-scripts"],
    configFile: /^(eslint\.config\.[cm]?[jt]s|\.eslintrc(\.(js|cjs|ya?ml|json))?)$/,
    configKey: "eslintConfig",
    command: () => ["eslint", "."],
  },
  {
    name: "prettier",
    packages: ["prettier"],
    configFile: /^(\.prettierrc(\.(json5?|ya?ml|toml|[cm]?[jt]s))?|prettier\.config\.[cm]?[jt]s)$/,
    configKey: "prettier",
    command: () => ["prettier", "--check", "."],
  },
  {
    name: "tsc",
    packages: ["typescript"],
    configFile: /^tsconfig\.json$/,
    configKey: "",
    // A file that only refers to others checks nothing by itself.
    command: ({ tree, path }) => (/"references"\s*:/.test(textOf(tree, path, "tsconfig.json") ?? "") ? ["tsc", "--build", "--noEmit"] : ["tsc", "--noEmit"]),
  },
]

/** The package's own script, else each linter that is configured and a dependency. */
export function lintCommands(facts: NodeFacts): FoundCommands {
  const { manifest, manager } = facts
  if (manifest.scripts.has("lint")) return { commands: [manager.run("lint", [])], notes: [`lint: ${printable(manifest.scripts.get("lint") ?? "")} (script of ${manifest.file})`] }
  const configured = LINT_TOOLS.flatMap((tool) => {
    const config = configOf(tool, facts)
    return config === null ? [] : [{ tool, config }]
  })
  const [ready, absent] = [true, false].map((wanted) => configured.filter(({ tool }) => tool.packages.some((name) => facts.dependencies.has(name)) === wanted))
  const notes = [
    ...(ready ?? []).map(({ tool, config }) => `lint: ${tool.command(facts).join(" ")} (${config})`),
    ...(absent ?? []).map(({ tool, config }) => `not linted with ${tool.name}: ${config} is there, but ${tool.packages[0]} is no dependency`),
  ]
  return {
    commands: (ready ?? []).map(({ tool }) => manager.exec(tool.command(facts), tool.packages.some((name) => manifest.dependencies.has(name)) ? "service" : "workspace")),
    notes: notes.length > 0 ? notes : [`no linter found: ${manifest.file} has no script \`lint\`, and none is configured`],
  }
}

/** Where a linter finds its configuration: in the service's folder or, but for tsc, above it, as far as the workspace goes. */
function configOf({ configFile, configKey, name }: LintTool, { tree, path, root, manifest }: NodeFacts): string | null {
  const folders = foldersUp(path).slice(0, name === "tsc" ? 1 : foldersUp(relativeTo(root, path)).length)
  if (manifest.sections.has(configKey)) return `\`${configKey}\` in ${manifest.file}`
  for (const folder of folders) {
    const file = filesIn(tree, folder).find((each) => configFile.test(each))
    if (file !== undefined) return joinPath(folder, file)
  }
  return null
}

/** Names of what stands in a folder. */
function filesIn(tree: TreeFacts, folder: string): readonly string[] {
  const prefix = folder === "" ? "" : `${folder}/`
  return [...tree.paths].flatMap((path) => (path.startsWith(prefix) && path !== "" ? [path.slice(prefix.length)] : [])).filter((name) => !name.includes("/"))
}
