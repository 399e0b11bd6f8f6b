import { nearestWith } from "../../detect/tree.js"
import { PYTHON_VENV, type PythonInstall, type PythonInstallPlan, type PythonManager } from "./manager.js"
import { declaredPackages, hasDependencies, localFolders, toolExtras } from "./project.js"
import { textAt, valueAt } from "./pyproject.js"
import { exactVersion, installTool, PYTHON_TOOL_VERSIONS, toolPath } from "./tool-versions.js"

const POETRY_PROGRAM = toolPath("poetry")

export const POETRY: PythonManager = {
  name: "poetry",
  lockFolder: (project) => {
    const folder = nearestWith(project.tree, project.path, ["poetry.lock"])
    // Poetry knows no workspaces: above the service it is the service's only when that asks for nothing itself.
    return folder === null || folder === project.path || !hasDependencies(project.own) ? folder : null
  },
  plan: ({ project, lockFolder, folder }) => Promise.resolve(planPoetry({ project, lockFolder, folder })),
}

function planPoetry({ project, lockFolder, folder }: PythonInstall): PythonInstallPlan {
  const root = project.manifests[lockFolder] ?? null
  const version = exactVersion(textAt(root, "tool", "poetry", "requires-poetry")) ?? PYTHON_TOOL_VERSIONS.poetry
  const sources = localFolders(project, lockFolder)
  const extras = toolExtras(root).flatMap((extra) => ["--extras", extra])
  return {
    setup: installTool("poetry", version),
    install: [
      ["python3", "-m", "venv", "--without-pip", PYTHON_VENV],
      [POETRY_PROGRAM, "install", "--no-root", "--all-groups", ...extras, ...(folder === "" ? [] : ["--directory", folder])],
    ],
    installSelf: valueAt(root, "tool", "poetry", "package-mode") === false ? [] : [[POETRY_PROGRAM, "install", "--only-root"]],
    env: { POETRY_VIRTUALENVS_CREATE: "false", POETRY_NO_INTERACTION: "1", POETRY_CACHE_DIR: "/root/.cache/pypoetry" },
    caches: [{ name: "poetry", mountPath: "/root/.cache/pypoetry" }],
    manifests: sources.length > 0 ? ["**"] : ["poetry.lock", "poetry.toml", "pyproject.toml"],
    lockProblems: [
      /pyproject\.toml changed significantly since poetry\.lock was last generated/,
      /did not match any known checksums in your lock file/,
      // All that Poetry says of a lock file that is no TOML.
      /^Invalid statement \(at line \d+, column \d+\)$/m,
    ],
    lockFile: "poetry.lock",
    packages: declaredPackages(root),
    localFolders: sources,
    auditedFile: null,
    notes: [`poetry ${version}, lock ${lockFolder === "" ? "" : `${lockFolder}/`}poetry.lock`],
  }
}
