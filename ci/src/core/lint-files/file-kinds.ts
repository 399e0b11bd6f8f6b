import type { Command } from "../config/commands.js"

/** Files that one tool looks at. */
export interface FileKind {
  /** What the closing table calls them. */
  readonly counted: "Dockerfile" | "YAML file" | "CI file"
  readonly takes: (path: string, text: string) => boolean
  /** Names of the repository's own configuration; the nearest one above a file counts, and the tool runs beside it. */
  readonly configNames: readonly string[]
  /** The tool, before the files: as the repository has set it up, or as we do. */
  readonly argv: (hasOwnConfig: boolean) => Command
}

// What is wrong for every reader of a file, and nothing that is taste. Tabs and broken syntax are errors without any rule.
const YAML_RULES = "{rules: {anchors: enable, key-duplicates: enable}}"

/** Which tool takes which files: one line adds a kind. */
export const FILE_KINDS: readonly FileKind[] = [
  {
    counted: "Dockerfile",
    takes: isDockerfile,
    configNames: [".hadolint.yaml", ".hadolint.yml"],
    // Its advice on size and style is told and fails nobody who has not asked for it.
    argv: (hasOwnConfig) => ["hadolint", "--no-color", ...(hasOwnConfig ? [] : ["--failure-threshold", "warning"])],
  },
  {
    counted: "YAML file",
    takes: (path) => /\.ya?ml$/.test(path) && !WRITTEN_BY_TOOLS.test(path),
    configNames: [".yamllint", ".yamllint.yaml", ".yamllint.yml"],
    argv: (hasOwnConfig) => ["yamllint", "-f", "parsable", ...(hasOwnConfig ? [] : ["-d", YAML_RULES])],
  },
  ciSchema("vendor.gitlab-ci", (path, text) => /(?:^|\/)(?:.*\.)?gitlab-ci\.ya?ml$/.test(path) && !hasSeveralDocuments(text), ["--data-transform", "gitlab-ci"]),
  ciSchema("vendor.circle-ci", (path) => /^\.circleci\/config\.ya?ml$/.test(path)),
  ciSchema("vendor.github-workflows", isWorkflow),
  ciSchema("vendor.github-actions", (path) => /(?:^|\/)action\.ya?ml$/.test(path)),
  ciSchema("vendor.dependabot", (path) => /^\.github\/dependabot\.ya?ml$/.test(path)),
  // Without its helpers for scripts, which are not in every image of it: a verdict must not depend on the image. It finds .github/actionlint.yaml itself.
  { counted: "CI file", takes: isWorkflow, configNames: [], argv: () => ["actionlint", "-oneline", "-no-color", "-shellcheck=", "-pyflakes="] },
]

const WRITTEN_BY_TOOLS = /(?:^|\/)pnpm-lock\.yaml$/

function ciSchema(name: string, takes: FileKind["takes"], more: Command = []): FileKind {
  return { counted: "CI file", takes, configNames: [], argv: () => ["check-jsonschema", "--builtin-schema", name, ...more] }
}

function isDockerfile(path: string): boolean {
  const name = path.split("/").at(-1) ?? ""
  // Not a template of one, nor text about one.
  return /^(?:Docker|Container)file(?:\.[\w.-]+)?$|\.[Dd]ockerfile$/.test(name) && !/\.(?:dockerignore|containerignore|j2|jinja2?|tmpl|tpl|template|erb|in|md|txt)$/.test(name)
}

export function isWorkflow(path: string): boolean {
  return /^\.github\/workflows\/[^/]+\.ya?ml$/.test(path)
}

// GitLab takes a header with `spec:` as a document of its own; check-jsonschema reads files of one document.
function hasSeveralDocuments(text: string): boolean {
  const written = text.split("\n").filter((line) => !/^\s*(?:#|$)/.test(line))
  return written.slice(1).some((line) => /^---(?:\s|$)/.test(line))
}
