import { foldersUp, hasFile, joinPath, relativeTo, type TreeFacts } from "../../detect/tree.js"
import { PYTHON_VENV, type PythonInstall, type PythonInstallPlan, type PythonManager } from "./manager.js"
import { hasDependencies, type PythonProject } from "./project.js"
import { DEV_REQUIREMENTS, MAIN_REQUIREMENTS, readRequirements } from "./requirements.js"

export const PIP: PythonManager = {
  name: "pip",
  lockFolder: (project) => {
    const folder = foldersUp(project.path).find((up) => requirementFiles(project.tree, up).length > 0) ?? null
    return folder === null || folder === project.path || !hasDependencies(project.own) ? folder : null
  },
  plan: ({ project, lockFolder, folder }) => Promise.resolve(planPip({ project, lockFolder, folder })),
}

/** The requirements of the service and those of its tools, where the latter do not hold the former. */
function requirementFiles(tree: TreeFacts, folder: string): readonly string[] {
  const [main] = MAIN_REQUIREMENTS.filter((name) => hasFile(tree, folder, name))
  const [dev] = DEV_REQUIREMENTS.filter((name) => hasFile(tree, folder, name))
  if (main === undefined || dev === undefined) return [main, dev].flatMap((name) => name ?? [])
  const [ofMain, ofDev] = [readRequirements(tree, folder, main), readRequirements(tree, folder, dev)]
  // Compiled tools' requirements hold everything; both together would only ask twice.
  const holds = ofDev.files.includes(joinPath(folder, main)) || (ofMain.names.length > 0 && ofMain.names.every((name) => ofDev.names.includes(name)))
  return holds ? [dev] : [main, dev]
}

function planPip({ project, lockFolder, folder }: PythonInstall): PythonInstallPlan {
  const files = requirementFiles(project.tree, lockFolder)
  const all = files.map((name) => readRequirements(project.tree, lockFolder, name))
  const hashed = all.some((each) => each.hashed)
  const lockFile = MAIN_REQUIREMENTS.find((name) => hasFile(project.tree, lockFolder, name)) ?? files[0] ?? "requirements.txt"
  return {
    setup: [],
    install: [
      ["python3", "-m", "venv", PYTHON_VENV],
      ...(files.length === 0 ? [] : [[`${PYTHON_VENV}/bin/pip`, "install", ...(hashed ? ["--require-hashes"] : []), ...files.flatMap((name) => ["-r", joinPath(folder, name)])]]),
    ],
    installSelf: [],
    env: {},
    caches: [],
    // A line such as `-e .` takes the sources.
    manifests: all.some(({ local }) => local) ? ["**"] : [...files, "*requirements*.txt", "requirements/*.txt", "constraints*.txt", "pip.conf"],
    lockProblems: [
      /THESE PACKAGES DO NOT MATCH THE HASHES/,
      /Hashes are required in --require-hashes mode/,
      /In --require-hashes mode, all requirements must have their versions pinned/,
      /ResolutionImpossible/,
    ],
    lockFile,
    packages: all.flatMap(({ names }) => names),
    localFolders: [],
    auditedFile: hashed && readRequirements(project.tree, lockFolder, lockFile).hashed ? fromService(project, joinPath(lockFolder, lockFile)) : null,
    notes: files.length === 0 ? ["no dependencies"] : [`pip, ${files.map((name) => joinPath(lockFolder, name)).join(" and ")}${hashed ? "" : ", not locked by hash"}`],
  }
}

function fromService({ path }: PythonProject, file: string): string {
  const shared = foldersUp(path).find((up) => up === "" || file.startsWith(`${up}/`)) ?? ""
  const ups = relativeTo(shared, path).split("/").filter((part) => part !== "").map(() => "..")
  return [...ups, relativeTo(shared, file)].join("/")
}
