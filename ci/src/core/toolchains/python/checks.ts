import type { Command } from "../../config/commands.js"
import { hasFile, textOf } from "../../detect/tree.js"
import type { ToolchainInput } from "../toolchain.js"
import { configuredIn, type PythonProject } from "./project.js"
import { tableAt, textsOf, valueAt } from "./pyproject.js"
import { installTool, toolPath, type PythonTool } from "./tool-versions.js"

/** Commands of one kind, with what has to be installed for them and which folder their settings lie in. */
export interface PythonChecks {
  readonly commands: readonly Command[]
  readonly setup: readonly Command[]
  /** Folders of the repository, at or above the service's, that hold settings. */
  readonly settings: readonly string[]
  readonly notes: readonly string[]
}

/** Linters that the service configures or asks for, the former also where it does not say which version. */
export function pythonLint(project: PythonProject, packages: ReadonlySet<string>): PythonChecks {
  const ruffIn = configuredIn(project, { table: "ruff", files: ["ruff.toml", ".ruff.toml"] })
  const blackIn = configuredIn(project, { table: "black", files: [] })
  // flake8 and mypy look for their settings in the working directory alone.
  const flake8 = here(project, configuredIn(project, { table: "flake8", files: [".flake8"], sections: { "setup.cfg": "flake8", "tox.ini": "flake8" } }))
  const mypy = here(project, configuredIn(project, { table: "mypy", files: ["mypy.ini", ".mypy.ini"], sections: { "setup.cfg": "mypy" } }))
  const used = {
    ruff: ruffIn !== null || packages.has("ruff"),
    black: blackIn !== null || packages.has("black"),
    flake8: flake8 || packages.has("flake8"),
  }
  const program = (tool: PythonTool): string => (packages.has(tool) ? tool : toolPath(tool))
  // Where black formats, ruff may not want the same; a table of its own says that it shall.
  const ruffFormats = used.ruff && (!used.black || Object.keys(tableAt(ruffIn === null ? null : (project.manifests[ruffIn] ?? null), "tool", "ruff", "format")).length > 0)
  const own = (["ruff", "black", "flake8"] as const).filter((tool) => used[tool] && !packages.has(tool))
  return {
    commands: [
      ...(used.ruff ? [[program("ruff"), "check", "."]] : []),
      ...(ruffFormats ? [[program("ruff"), "format", "--check", "."]] : []),
      ...(used.black ? [[program("black"), "--check", "."]] : []),
      ...(used.flake8 ? [[program("flake8"), "."]] : []),
      ...(mypy && packages.has("mypy") ? [["mypy", ...mypyTargets(project)]] : []),
    ],
    setup: own.flatMap((tool) => installTool(tool)),
    settings: [ruffIn, blackIn].flatMap((folder) => folder ?? []),
    notes: own.map((tool) => `${tool} of this module, since no lock file holds it`),
  }
}

/** pytest with the reports that are wanted, whatever the service's own settings say: of two such options the last counts. */
export function pythonTest(project: PythonProject, packages: ReadonlySet<string>, { tests: { junit, lcov, cobertura, shards } }: ToolchainInput): PythonChecks {
  const pytestIn = configuredIn(project, { table: "pytest", files: ["pytest.ini", ".pytest.ini", "conftest.py"], sections: { "setup.cfg": "tool:pytest", "tox.ini": "pytest" } })
  const hasTests = ["tests", "test"].some((name) => hasFile(project.tree, project.path, name))
  if (packages.has("pytest") || pytestIn !== null) {
    const measures = packages.has("pytest-cov") ? [...(choosesSources(project, pytestIn) ? [] : ["--cov"]), `--cov-report=xml:${cobertura}`, `--cov-report=lcov:${lcov}`] : []
    // pytest itself cannot be divided; without its plugin the stage says what is missing.
    const part = shards > 1 && packages.has("pytest-split") ? ["--splits={shards}", "--group={shard}"] : []
    return { ...NO_CHECKS, commands: [["python3", "-m", "pytest", `--junitxml=${junit}`, ...measures, ...part]], settings: pytestIn === null ? [] : [pytestIn], notes: ["tests: pytest"] }
  }
  if (packages.has("unittest-xml-reporting")) {
    const folder = junit.split("/").slice(0, -1).join("/") || "."
    const script = 'mkdir -p "$1" && exec python3 -m xmlrunner discover --output-file "$2" ${3:+-s "$3"}'
    return { ...NO_CHECKS, commands: [["sh", "-c", script, "tests", folder, junit, ...(hasTests ? [hasFile(project.tree, project.path, "tests") ? "tests" : "test"] : [])]], notes: ["tests: unittest with xmlrunner"] }
  }
  // unittest itself writes no report, and a run without one says nothing.
  return { ...NO_CHECKS, notes: [hasTests ? "tests: a folder of them, but neither pytest nor unittest-xml-reporting among the dependencies" : "no tests found"] }
}

/** Every source must at least be Python. */
export function pythonBuild({ tree, path }: PythonProject): readonly Command[] {
  return [["python3", "-m", "compileall", "-q", "-x", "(^|/)(\\.?venv|\\.tox|node_modules)/", hasFile(tree, path, "src") ? "src" : "."]]
}

/** What a Procfile starts for the web; the shell puts in variables such as `$PORT`. */
export function pythonStart({ tree, path }: PythonProject): readonly Command[] {
  const line = /^web:\s*(\S.*?)\s*$/m.exec(textOf(tree, path, "Procfile") ?? "")?.[1]
  return line === undefined ? [] : [["sh", "-c", `exec ${line}`]]
}

const NO_CHECKS: PythonChecks = { commands: [], setup: [], settings: [], notes: [] }

const here = (project: PythonProject, folder: string | null): boolean => folder === project.path

/** Nothing where mypy's settings say what to look at. */
function mypyTargets({ own }: PythonProject): readonly string[] {
  return ["files", "packages", "modules"].some((key) => valueAt(own, "tool", "mypy", key) !== undefined) ? [] : ["."]
}

/** Whether the settings of pytest already say what is measured; a bare `--cov` would widen it to everything. */
function choosesSources({ manifests, tree }: PythonProject, folder: string | null): boolean {
  if (folder === null) return false
  const options = valueAt(manifests[folder] ?? null, "tool", "pytest", "ini_options", "addopts")
  const written = [typeof options === "string" ? options : textsOf(options).join(" "), ...["pytest.ini", "tox.ini", "setup.cfg"].map((name) => textOf(tree, folder, name) ?? "")]
  return written.some((text) => /--cov(=|\s|$)/m.test(text))
}
