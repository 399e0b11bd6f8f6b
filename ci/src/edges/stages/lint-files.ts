import type { Container, Directory } from "@dagger.io/dagger"
import type { Config } from "../../core/config/model.js"
import { joinPath } from "../../core/detect/tree.js"
import { notConfiguredGate } from "../../core/gates/gate.js"
import { judgeLintRuns } from "../../core/gates/lint.js"
import { ciFiles, LINTABLE_FILES, planFiles, type FilesPlan } from "../../core/lint-files/plan-files.js"
import { withSchemaLines } from "../../core/lint-files/schema-lines.js"
import { standInRelease } from "../../core/lint-files/stand-in.js"
import { releaseValues } from "../../core/release.js"
import { commandLog, runSteps, textFile } from "../exec.js"
import { filesAlone } from "../files-alone.js"
import { lintTools } from "../lint-tools.js"
import { emptyDirectory, limits, type StageWork } from "../run.js"
import { filePaths } from "../files-alone.js"

const FILES_ROOT = "/work"
const FILES_VALUES = "/lint/release-values.json"

/** Lints what belongs to no service's linters: Dockerfiles, YAML, CI files and the chart of the whole repository, in a copy of it. */
export const lintFiles: StageWork = async (run, planned) => {
  const { config, source } = run.checkout
  const dockerfiles = namedDockerfiles(config)
  const tree = await lintableFiles(source, config, dockerfiles)
  const paths = await filePaths(tree)
  const texts = Object.fromEntries(await Promise.all(ciFiles(paths).map(async (path) => [path, await tree.file(path).contents()] as const)))
  const plan = planFiles({
    tree: { paths: new Set(paths), texts },
    dockerfiles,
    exclude: config.lint.exclude,
    chart: config.chart,
    environments: Object.values(config.environments),
    root: FILES_ROOT,
    releaseValues: FILES_VALUES,
  })
  if (plan.commands.length === 0) return { gate: notConfiguredGate(`there is no Dockerfile, no YAML or CI file and no chart${plan.linted === "" ? "" : `: ${plan.linted}`}`) }
  const programs = { actionlint: uses(plan, "actionlint"), helm: uses(plan, "helm") }
  const tools = await lintTools(run, programs, planned.timeoutSeconds)
  const places = plan.commands.map(({ folder }) => ({ folder: `${FILES_ROOT}/${folder}`.replace(/\/$/, ""), path: folder }))
  const steps = plan.commands.map(({ argv }, index) => ({ name: String(index + 1), argv, folder: places[index]?.folder ?? FILES_ROOT }))
  const { outcomes, cached } = await runSteps(withTree(tools, config, tree), steps, limits(run, planned))
  const runs = outcomes.flatMap((exec, index) => (places[index] === undefined ? [] : [{ exec, place: places[index] }]))
  const gate = judgeLintRuns(runs, planned.timeoutSeconds, plan.linted)
  return {
    gate: { ...gate, findings: await withSchemaLines(gate.findings, texts) },
    cached,
    evidence: textFile("logs/lint-files.log", commandLog(outcomes)),
  }
}

const uses = (plan: FilesPlan, program: string): boolean => plan.commands.some(({ argv }) => argv[0] === program)

function namedDockerfiles(config: Config): readonly string[] {
  return Object.values(config.services).flatMap(({ dockerfile }) => (dockerfile === null ? [] : [joinPath(dockerfile)]))
}

/** Only what is linted: a change of any other file runs nothing again. */
function lintableFiles(source: Directory, config: Config, dockerfiles: readonly string[]): Promise<Directory> {
  const chartFiles = config.chart === null ? [] : Object.values(config.environments).flatMap(({ values }) => values.map((path) => joinPath(path)))
  const chart = config.chart === null ? [] : [`${joinPath(config.chart.path)}/**`]
  return filesAlone(source, [...LINTABLE_FILES, ...dockerfiles, ...chartFiles, ...chart])
}

function withTree(container: Container, config: Config, tree: Directory): Container {
  return container
    .withDirectory(FILES_ROOT, tree)
    // actionlint takes the folder with this one for the project, and looks there for its configuration and for local actions.
    .withDirectory(`${FILES_ROOT}/.git`, emptyDirectory())
    .withNewFile(FILES_VALUES, JSON.stringify(releaseValues(standInRelease(config), config)))
}
