import { dag, type Directory } from "@dagger.io/dagger"
import { joinPath } from "../../core/detect/tree.js"
import { helmRenderArguments } from "../../core/deploy/helm.js"
import { errorGate } from "../../core/gates/gate.js"
import { judgeFilesScan, missingLockFiles } from "../../core/gates/scan/files.js"
import { isIsolated } from "../../core/gates/scan/isolation.js"
import { readScan } from "../../core/gates/scan/scanner.js"
import { standInRelease } from "../../core/lint-files/stand-in.js"
import { releaseValues } from "../../core/release.js"
import { CANARY_SECRET } from "../../core/scan/canary.js"
import { GITLEAKS_CONFIG, SECRET_CANARY_STEP, SECRET_NAMES_STEP, SECRETS_STEP } from "../../core/scan/gitleaks.js"
import { POWERLESS_STEP } from "../../core/scan/ignore-comments.js"
import { lockFilesOf, lockFilesToName } from "../../core/scan/lock-files.js"
import { renderedFile, treePlaces } from "../../core/scan/places.js"
import { INPUT_FOLDER, SANDBOX_INPUT } from "../../core/scan/sandbox.js"
import { canaryStep, filesStep, sbomStep, SCANNED_FOLDER, TREE_FOLDER } from "../../core/scan/trivy.js"
import { commandLog, runKept } from "../exec.js"
import { containerOf } from "../image-container.js"
import { textOf } from "../sandbox.js"
import { StageStop, type Run, type StageWork } from "../run.js"
import { scanDatabase } from "../scan-database.js"
import { scanHistory } from "../scan-history.js"
import { runScanners, scanEvidence, scanInput, scanLimits, scanRun } from "../scan-run.js"
import { tellUseless } from "../scan-exceptions.js"
import type { Step } from "../../core/steps/step.js"
import { filePaths } from "../files-alone.js"

const TOOLS_FOLDER = "tools"
const SOURCES_SBOM = sbomStep("cyclonedx", "files")

/** Looks for vulnerable dependencies, secrets and unsafe configuration in the whole repository. */
export const scanFiles: StageWork = async (run, planned, attempt) => {
  const { config, source } = run.checkout
  const { timeoutSeconds } = planned
  const tree = source.filter({ exclude: [...config.scan.exclude] })
  const paths = await filePaths(tree)
  if (paths.length === 0) return { gate: errorGate("there is no file to scan") }
  const [database, rendered] = await Promise.all([scanDatabase(run, timeoutSeconds), renderChart(run, timeoutSeconds)])
  const known = Object.values(config.services).flatMap(({ recipe }) => recipe.lockFile ?? [])
  const lockFiles = lockFilesOf(paths, known)
  const chart = config.chart === null ? null : joinPath(config.chart.path)
  const files = filesStep({ otherLockFiles: lockFilesToName(lockFiles, known), vex: config.scan.vex, skipFolders: chart === null ? [] : [chart], timeoutSeconds })
  const job = {
    image: run.checkout.image("trivy"),
    files: filesInput(scanInput(run, database), run, tree, paths, rendered),
    steps: [canaryStep, POWERLESS_STEP, files, SOURCES_SBOM, ...[SECRET_CANARY_STEP, SECRET_NAMES_STEP, SECRETS_STEP].map(withTools)],
    timeoutSeconds,
  }
  const [sandbox, history] = await Promise.all([runScanners(run, job, attempt), scanHistory(run, timeoutSeconds, attempt)])
  const places = treePlaces(chart, rendered)
  const [canary, scanned, secrets, names, secretCanary] = await Promise.all(["canary", "files", "secrets", "secret-names", "secret-canary"].map((name) => scanRun(sandbox, name))) as [Scan, Scan, Scan, Scan, Scan]
  const missing = missingLockFiles(lockFiles, readScan(scanned, places), places)
  const outcome = judgeFilesScan({
    ...scanLimits(run),
    database: database.facts,
    isolation: history !== null && !isIsolated(history.sandbox.isolation.network) ? history.sandbox.isolation : sandbox.isolation,
    canary,
    files: scanned,
    secrets: { tree: secrets, names, canary: secretCanary, paths, root: `${SANDBOX_INPUT}/${TREE_FOLDER}`, timeoutSeconds },
    history: history?.input ?? null,
    places,
    lockFiles,
    lockTexts: Object.fromEntries(await Promise.all(missing.map(async (path): Promise<[string, string]> => [path, await tree.file(path).contents()]))),
    powerless: (await scanRun(sandbox, POWERLESS_STEP.name)).exec,
    excluded: config.scan.exclude,
    timeoutSeconds,
  })
  const gate = tellUseless(run, planned.id, outcome)
  const sbom = await textOf(sandbox.output, `${SOURCES_SBOM.name}.json`)
  const reports = { "sbom/_files.cdx.json": sbom, "scan/files.json": scanned.report, "scan/secrets.json": secrets.report, "scan/history.json": history?.input.secrets.tree.report ?? null, "scan/database.json": database.facts.metadata, "scan/database-sample.json": database.facts.sample }
  return { gate, cached: sandbox.cached && (history?.sandbox.cached ?? true), evidence: scanEvidence("scan-files", { sandboxes: [sandbox, ...(history === null ? [] : [history.sandbox])], database, gate, reports, hidden: outcome.hidden }) }
}

type Scan = Awaited<ReturnType<typeof scanRun>>

function filesInput(files: Directory, run: Run, tree: Directory, paths: readonly string[], rendered: Readonly<Record<string, string>>): Directory {
  const gitleaks = dag.container().from(run.checkout.image("gitleaks")).file("/usr/bin/gitleaks")
  const whole = files
    .withDirectory(`${INPUT_FOLDER}/${TREE_FOLDER}`, tree)
    .withNewFile(`${INPUT_FOLDER}/names`, `${paths.map((path) => path.replaceAll("\n", " ")).join("\n")}\n`)
    .withNewFile(`${INPUT_FOLDER}/canary-secret`, CANARY_SECRET)
    .withNewFile(`${INPUT_FOLDER}/gitleaks.toml`, GITLEAKS_CONFIG)
    .withFile(`${INPUT_FOLDER}/${TOOLS_FOLDER}/gitleaks`, gitleaks, { permissions: 0o755 })
  return Object.entries(rendered).reduce((folder, [environment, text]) => folder.withNewFile(`${INPUT_FOLDER}/${SCANNED_FOLDER}/${renderedFile(environment)}`, text), whole)
}

/** gitleaks is one program without libraries, so it runs beside Trivy. */
function withTools(step: Step): Step {
  const [program = "", ...words] = step.argv
  return { ...step, argv: [`${SANDBOX_INPUT}/${TOOLS_FOLDER}/${program}`, ...words] }
}

/** The chart as each environment gets it: without their values many a chart renders to nothing, and Trivy passes over it. */
async function renderChart(run: Run, timeoutSeconds: number): Promise<Readonly<Record<string, string>>> {
  const { config, source } = run.checkout
  const { chart } = config
  if (chart === null) return {}
  const container = containerOf(run.checkout.image("helm"))
    .withoutEntrypoint()
    .withUser("0")
    .withWorkdir("/work")
    .withDirectory("/work/chart", source.directory(chart.path))
    .withNewFile("/work/release-values.json", JSON.stringify(releaseValues(standInRelease(config), config)))
  const environments = Object.values(config.environments)
  const withValues = environments.reduce((each, { name, values }) => values.reduce((inner, path, index) => inner.withFile(valuesFile(name, index), source.file(path)), each), container)
  const steps = environments.map(({ name, namespace, values }): Step => {
    const files = [...values.map((_, index) => valuesFile(name, index)), "release-values.json"]
    return { name, argv: helmRenderArguments({ name: chart.release, namespace, chart: "chart", values: files }) }
  })
  // Kept: what is rendered may hold values that no log should show.
  const { outcomes } = await runKept(withValues, [steps], { runId: run.header.runId, timeoutSeconds })
  const broken = outcomes.find(({ exitCode }) => exitCode !== 0)
  if (broken === undefined) return Object.fromEntries(outcomes.map(({ name, stdout }) => [name, stdout]))
  throw new StageStop(errorGate(`${chart.path} does not render for ${broken.name}: helm template ended with ${broken.exitCode}: ${broken.stderr.trim().split("\n").at(-1) ?? ""}`), commandLog([broken]))
}

const valuesFile = (environment: string, index: number): string => `values/${environment}-${index}.yaml`
