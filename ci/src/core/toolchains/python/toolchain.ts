import { hasFile, joinPath, nearestWith, relativeTo } from "../../detect/tree.js"
import type { ConfigProblem } from "../../errors.js"
import type { Toolchain } from "../toolchain.js"
import { pythonAudit } from "./audit.js"
import { pythonBuild, pythonLint, pythonStart, pythonTest } from "./checks.js"
import { choosePython } from "./interpreter.js"
import { missingLock, twoLocks } from "./lock-problems.js"
import { PYTHON_VENV, type PythonManager } from "./manager.js"
import { PYTHON_MANAGERS } from "./managers.js"
import { PIP } from "./pip.js"
import { readProject, type PythonProject } from "./project.js"
import { DEV_REQUIREMENTS, MAIN_REQUIREMENTS } from "./requirements.js"

const PYTHON_MANIFESTS: readonly string[] = ["pyproject.toml", "uv.lock", "poetry.lock", "setup.py", "setup.cfg", "Pipfile", ...MAIN_REQUIREMENTS, ...DEV_REQUIREMENTS]
const LOCKS: readonly string[] = ["uv.lock", "poetry.lock", "requirements.txt"]

export const PYTHON_TOOLCHAIN: Toolchain = {
  name: "python",
  factFiles: ["pyproject.toml", "uv.toml", ".python-version", "setup.cfg", "tox.ini", "pytest.ini", "Procfile", ...MAIN_REQUIREMENTS, ...DEV_REQUIREMENTS],
  detect: (tree, path) =>
    PYTHON_MANIFESTS.some((name) => hasFile(tree, path, name)) ||
    // A part of a project whose manifests lie above it.
    (nearestWith(tree, path, LOCKS) !== null && [...tree.paths].some((file) => file.endsWith(".py") && joinPath(path, file.split("/").at(-1) ?? "") === file)),
  recipe: async (service, tree, images) => {
    const { project, problems } = await readProject(tree, service.path)
    const { manager, lockFolder, lockProblems } = chooseManager(project)
    const planned = await manager.plan({ project, lockFolder, folder: "" })
    const packages = new Set(planned.packages)
    const lint = pythonLint(project, packages)
    const test = pythonTest(project, packages, service)
    const root = commonFolder([project.path, lockFolder, ...lint.settings, ...test.settings, ...planned.localFolders])
    const folder = relativeTo(root, lockFolder)
    const plan = folder === "" ? planned : await manager.plan({ project, lockFolder, folder })
    const audit = pythonAudit(plan.auditedFile, packages)
    const python = choosePython(service, project, lockFolder, images)
    const { junit, lcov, cobertura } = service.tests
    return {
      problems: [...problems, ...(service.commands.install === undefined ? lockProblems : []), ...python.problems],
      recipe: {
        imageKey: python.imageKey,
        env: { ...environment(project, plan.installSelf.length > 0), ...plan.env },
        caches: [{ name: "pip", mountPath: "/root/.cache/pip" }, ...plan.caches],
        setup: [...plan.setup, ...(service.commands.lint === undefined ? lint.setup : [])],
        root,
        manifests: plan.manifests.map((glob) => (glob === "**" ? glob : joinPath(folder, glob))),
        lockProblems: plan.lockProblems,
        install: plan.install,
        installSelf: service.commands.install === undefined ? plan.installSelf : [],
        lint: lint.commands,
        build: pythonBuild(project),
        test: test.commands,
        audit: audit.commands,
        auditSetup: service.commands.audit === undefined ? audit.setup : [],
        start: pythonStart(project),
        reports: { junit, lcov, cobertura },
        artifacts: [],
        auditReport: "pip-audit",
        lockFile: joinPath(lockFolder, plan.lockFile),
        notes: [python.note, ...plan.notes, ...lint.notes, ...test.notes],
      },
    }
  },
}

interface ChosenManager {
  readonly manager: PythonManager
  readonly lockFolder: string
  readonly lockProblems: readonly ConfigProblem[]
}

function chooseManager(project: PythonProject): ChosenManager {
  const claims = PYTHON_MANAGERS.flatMap((manager) => {
    const lockFolder = manager.lockFolder(project)
    return lockFolder === null ? [] : [{ manager, lockFolder }]
  })
  // Requirements are often written from another lock file, and then do not count.
  const locks = claims.filter(({ manager }) => manager !== PIP)
  const [first, second] = [...(locks.length > 0 ? locks : claims)].sort((left, right) => right.lockFolder.length - left.lockFolder.length)
  if (first === undefined) return { manager: PIP, lockFolder: project.path, lockProblems: missingLock(project) }
  return { ...first, lockProblems: second?.lockFolder === first.lockFolder ? [twoLocks(first.lockFolder)] : [] }
}

function environment({ tree, path }: PythonProject, installsItself: boolean): Readonly<Record<string, string>> {
  return {
    VIRTUAL_ENV: PYTHON_VENV,
    // The managers come last: their folders hold a Python too.
    PATH: `${PYTHON_VENV}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/uv/bin:/opt/poetry/bin`,
    PIP_DISABLE_PIP_VERSION_CHECK: "1",
    PIP_NO_INPUT: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    NO_COLOR: "1",
    // What is not installed is found all the same where the layout says that it lies there.
    ...(!installsItself && hasFile(tree, path, "src") ? { PYTHONPATH: "src" } : {}),
  }
}

/** The folder that all of these lie in. */
function commonFolder(folders: readonly string[]): string {
  const [first = [], ...others] = folders.map((folder) => joinPath(folder).split("/"))
  const shared = (left: readonly string[], right: readonly string[]): readonly string[] => {
    const differs = left.findIndex((part, index) => part !== right[index])
    return differs === -1 ? left : left.slice(0, differs)
  }
  return others.reduce(shared, first).join("/")
}
