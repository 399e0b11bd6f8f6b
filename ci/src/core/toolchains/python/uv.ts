import { nearestWith, type TreeFacts } from "../../detect/tree.js"
import { PYTHON_VENV, type PythonInstall, type PythonInstallPlan, type PythonManager } from "./manager.js"
import { declaredPackages, hasBuildSystem, hasDependencies, localFolders, toolExtras, type PythonProject } from "./project.js"
import { isTable, readToml, textAt, textsOf, valueAt, type TomlFile } from "./pyproject.js"
import { exactVersion, installTool, PYTHON_TOOL_VERSIONS, toolPath } from "./tool-versions.js"

const UV_PROGRAM = toolPath("uv")

export const UV: PythonManager = {
  name: "uv",
  lockFolder: (project) => {
    const folder = nearestWith(project.tree, project.path, ["uv.lock"])
    if (folder === null || folder === project.path) return folder
    // Above the service a lock file is the service's when it belongs to a workspace, or when the service asks for nothing itself.
    return isWorkspace(project.manifests[folder] ?? null) || !hasDependencies(project.own) ? folder : null
  },
  plan: planUv,
}

async function planUv({ project, lockFolder, folder }: PythonInstall): Promise<PythonInstallPlan> {
  const root = project.manifests[lockFolder] ?? null
  const version = (await requiredVersion(project.tree, lockFolder, root)) ?? PYTHON_TOOL_VERSIONS.uv
  const members = isWorkspace(root)
  const sources = localFolders(project, lockFolder)
  const sync = ["sync", "--locked", ...selection(project, root, members)]
  return {
    setup: installTool("uv", version),
    install: [
      ["python3", "-m", "venv", "--without-pip", PYTHON_VENV],
      [UV_PROGRAM, ...(folder === "" ? [] : ["--directory", folder]), ...sync, "--no-install-workspace"],
    ],
    // The packages of the repository have their sources only now.
    installSelf: members || isPackage(root) ? [[UV_PROGRAM, ...sync]] : [],
    env: {
      UV_PROJECT_ENVIRONMENT: PYTHON_VENV,
      UV_PYTHON: `${PYTHON_VENV}/bin/python3`,
      UV_PYTHON_DOWNLOADS: "never",
      // The cache is a volume, so a hard link into it cannot be made.
      UV_LINK_MODE: "copy",
      UV_NO_PROGRESS: "1",
    },
    caches: [{ name: "uv", mountPath: "/root/.cache/uv" }],
    manifests: needsSources(project, root, sources) ? ["**"] : ["uv.lock", "uv.toml", "pyproject.toml", ...(members ? ["**/pyproject.toml"] : [])],
    lockProblems: [/The lockfile at .* needs to be updated/, /Unable to find lockfile at/, /Failed to parse `.*uv\.lock`/, /Hash mismatch for/],
    lockFile: "uv.lock",
    packages: [...declaredPackages(root), ...(members ? declaredPackages(project.own) : [])],
    localFolders: sources,
    auditedFile: null,
    notes: [`uv ${version}, lock ${members && lockFolder !== project.path ? "of the workspace: " : ""}${lockFolder === "" ? "" : `${lockFolder}/`}uv.lock`],
  }
}

/** All groups, since tools may stand in any; of the extras those that hold tools. */
function selection(project: PythonProject, root: TomlFile | null, members: boolean): readonly string[] {
  // Groups that conflict cannot be installed together; then uv's own default counts.
  const groups = valueAt(root, "tool", "uv", "conflicts") === undefined ? ["--all-groups"] : []
  if (members) return ["--all-packages", ...groups]
  return [...groups, ...toolExtras(project.own ?? root).flatMap((extra) => ["--extra", extra])]
}

const isWorkspace = (toml: TomlFile | null): boolean => isTable(valueAt(toml, "tool", "uv", "workspace"))

function isPackage(toml: TomlFile | null): boolean {
  const said = valueAt(toml, "tool", "uv", "package")
  return typeof said === "boolean" ? said : hasBuildSystem(toml)
}

/** Whether uv has to look at sources to know what a package asks for. */
function needsSources(project: PythonProject, root: TomlFile | null, sources: readonly string[]): boolean {
  const dynamic = [root, project.own].flatMap((toml) => textsOf(valueAt(toml, "project", "dynamic")))
  return sources.length > 0 || dynamic.some((key) => key.endsWith("dependencies"))
}

async function requiredVersion(tree: TreeFacts, folder: string, root: TomlFile | null): Promise<string | null> {
  const { toml } = await readToml(tree, folder, "uv.toml")
  return exactVersion(textAt(toml, "required-version") ?? textAt(root, "tool", "uv", "required-version"))
}
