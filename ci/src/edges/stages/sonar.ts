import { dag, type Container, type Directory } from "@dagger.io/dagger"
import type { SonarConfig } from "../../core/config/sonar.js"
import { InternalError } from "../../core/errors.js"
import { judgeSurroundings } from "../../core/gates/exec.js"
import { errorGate, passedGate } from "../../core/gates/gate.js"
import { endedTask } from "../../core/gates/sonar/answers.js"
import { judgeSonar } from "../../core/gates/sonar/judge.js"
import type { PlannedStage } from "../../core/plan.js"
import { poll, SonarTrouble } from "../../core/sonar/poll.js"
import { COVERAGE_REPORT, renderProperties, SCANNER_FOLDER, SCANNER_SETTINGS, scannerProperties, sourceFolders, scannerTrouble, TASK_REPORT, taskId, TESTS_REPORT } from "../../core/sonar/properties.js"
import { genericCoverage, genericTests } from "../../core/sonar/reports.js"
import { SONARQUBE_PORT } from "../../core/sonar/server.js"
import { commandLog, nextNonce, runCommand, textFile, uncached, type ExecResult } from "../exec.js"
import { containerOf } from "../image-container.js"
import { limits, StageStop, type Run, type StageOutput, type StageWork } from "../run.js"
import { analysisToken, prepareGate, readResult, readTask, type SonarAccess } from "../sonar-api.js"
import { embeddedSonar, keepPassed, PORTS, SONARQUBE_ALIAS, type RunningSonar } from "../sonar-server.js"
import { filePaths } from "../files-alone.js"

const TOLERATED_SILENCES = 10

/** Has SonarQube judge the services' sources with what their tests covered. Asks for the result by itself, so a red gate, a failed analysis, a server that is gone and a slow one differ. */
export const sonar: StageWork = async (run, planned) => {
  const config = run.checkout.config.sonar
  if (config === null) throw new InternalError("delivery.yaml has no `sonar`, and the plan did not skip the stage")
  const began = Date.now()
  if (config.hostUrl !== null) return analyse(run, planned, config, await ownServer(run, config, config.hostUrl), [])
  const server = await embeddedSonar(run, config, planned.timeoutSeconds).catch((error: unknown) => {
    throw error instanceof SonarTrouble ? new StageStop(errorGate(error.message), error.log) : error
  })
  if (server.unchanged !== null) {
    const { reason, runId } = server.unchanged
    return { gate: passedGate(`${reason}; unchanged since run ${runId}, so no server was started`), cached: true, evidence: textFile("sonar/unchanged.json", `${JSON.stringify({ runId, reason })}\n`) }
  }
  const added = { waited: server.waitedSeconds, start: server.startSeconds, forServer: (Date.now() - began) / 1000 }
  try {
    return await analyseEmbedded(run, planned, config, server, added)
  } finally {
    // It would take memory and cores from the stages that follow, and keep other runs waiting.
    await server.service.stop().catch((error: unknown) => console.log(`SonarQube did not stop: ${String(error)}`))
  }
}

async function analyseEmbedded(run: Run, planned: PlannedStage, config: SonarConfig, server: RunningSonar, added: { waited: number; start: number; forServer: number }): Promise<StageOutput> {
  const { access, key } = server
  await prepareGate(access, config.projectKey, config.gate)
  const token = dag.setSecret(`sonar-${run.header.runId}`, await analysisToken(access, `run ${run.header.runId} ${Date.now()}`))
  const connection = (container: Container): Container =>
    container.withServiceBinding(SONARQUBE_ALIAS, server.service).withEnvVariable("SONAR_HOST_URL", `http://${SONARQUBE_ALIAS}:${SONARQUBE_PORT}`).withSecretVariable("SONAR_TOKEN", token)
  const seconds = [
    `server up after ${Math.round(added.start)} s, of which the pipeline waited ${Math.round(Math.min(added.start, added.forServer))} s`,
    ...(added.waited >= 1 ? [`waited ${Math.round(added.waited)} s for another run`] : []),
  ]
  const output = await analyse(run, planned, config, { access, connection }, seconds)
  const { gate } = output
  if (gate.verdict === "passed") await keepPassed(run, { key, runId: run.header.runId, reason: gate.reason.split("; server up")[0] ?? gate.reason })
  return output
}

interface SonarConnection {
  readonly access: SonarAccess
  readonly connection: (container: Container) => Container
}

/** The server of delivery.yaml, with the token that the call brought. */
async function ownServer(run: Run, config: SonarConfig, url: string): Promise<SonarConnection> {
  const token = run.credentials.get(config.token ?? "")
  if (token === undefined) throw new Error(`delivery.yaml names a credential that this call did not bring: ${config.token}. Set it in the environment; without daggerw add --credentials env:${config.token}.`)
  const connection = (container: Container): Container => container.withEnvVariable("SONAR_HOST_URL", url).withSecretVariable("SONAR_TOKEN", token)
  return { access: { url, account: `${await token.plaintext()}:`, name: url }, connection }
}

async function analyse(run: Run, planned: PlannedStage, config: SonarConfig, { access, connection }: SonarConnection, notes: readonly string[]): Promise<StageOutput> {
  const { scanned, log, imported } = await scan(run, planned, config, connection)
  const report = (await scanned.container.exists(TASK_REPORT)) ? await scanned.container.file(TASK_REPORT).contents() : ""
  const id = taskId(report)
  if (id === null) throw new StageStop(errorGate("the scanner left no task to ask for"), log)
  const silence = { silences: TOLERATED_SILENCES, seconds: config.analysisSeconds, setting: "sonar.analysisSeconds in delivery.yaml" }
  try {
    const task = await poll(async () => endedTask(await readTask(access, id)), { what: "working the analysis in", ...silence }, PORTS)
    const result = task.analysisId === undefined ? null : await poll(() => readResult(access, config.projectKey, task.analysisId ?? ""), { what: "reading the result", ...silence }, PORTS)
    const gate = judgeSonar({ task, gate: result?.gate ?? null, measures: result?.measures ?? {}, issues: result?.issues ?? [], expected: config.hostUrl === null ? config.gate : null })
    const evidence = textFile("logs/sonar.log", log).withNewFile("sonar/result.json", `${JSON.stringify({ task, ...result }, null, 2)}\n`)
    return { gate: { ...gate, reason: [gate.reason, ...imported, ...notes].join("; ") }, evidence }
  } catch (error) {
    if (error instanceof SonarTrouble) throw new StageStop(errorGate(error.message), log)
    throw error
  }
}

interface Scanned {
  readonly scanned: ExecResult
  readonly log: string
  /** What of the tests went in, for the closing line. */
  readonly imported: readonly string[]
}

/** Runs the scanner over the services' folders; whatever it ends with but 0 says nothing about the software. */
async function scan(run: Run, planned: PlannedStage, config: SonarConfig, connection: (container: Container) => Container): Promise<Scanned> {
  const { source, config: all } = run.checkout
  const services = Object.values(all.services)
  const folders = sourceFolders(config, services.map(({ path }) => path))
  const tree = folders.includes(".") ? source : folders.reduce((each, path) => each.withDirectory(path, source.directory(path)), dag.directory())
  const paths = new Set(await filePaths(tree))
  const tested = services.flatMap((service) => run.tested.get(service.name) ?? [])
  const coverage = genericCoverage(tested.flatMap((each) => each.coverage ?? []), paths)
  const tests = genericTests(tested, paths)
  const properties = scannerProperties(config, { project: all.project, commit: run.header.commit, services: folders, hasCoverage: coverage !== null, hasTests: tests.xml !== null })
  const scanner = connection(scannerContainer(run, tree))
    .withNewFile(SCANNER_SETTINGS, renderProperties(properties))
    .withNewFile(COVERAGE_REPORT, coverage ?? "")
    .withNewFile(TESTS_REPORT, tests.xml ?? "")
  const scanned = await runCommand(uncached(scanner, nextNonce(run.header.runId)), ["sonar-scanner", `-Dproject.settings=${SCANNER_SETTINGS}`], limits(run, planned))
  const log = commandLog([scanned])
  const broken = judgeSurroundings(scanned, planned.timeoutSeconds)
  if (broken !== null) throw new StageStop(broken, log)
  if (scanned.exitCode !== 0) throw new StageStop(errorGate(`sonar-scanner ended with ${scanned.exitCode}: ${scannerTrouble(scanned.stdout + scanned.stderr)}`), log)
  const missing = services.filter(({ name }) => !run.tested.has(name)).map(({ name }) => name)
  const imported = [
    `${tests.imported} tests imported${tests.unplaced === 0 ? "" : `, ${tests.unplaced} not: their report names no file of the tree`}`,
    ...(missing.length === 0 ? [] : [`no tests ran here for ${missing.join(", ")}`]),
  ]
  return { scanned, log, imported }
}

const SCANNER_HOME = "/delivery/scanner"

function scannerContainer(run: Run, tree: Directory): Container {
  return containerOf(run.checkout.image("sonar-scanner"))
    .withoutEntrypoint()
    .withUser("0")
    .withEnvVariable("SONAR_USER_HOME", SCANNER_HOME)
    // The analyzers, a hundred megabytes, which the scanner fetches from the server by their checksums.
    .withMountedCache(SCANNER_HOME, dag.cacheVolume("delivery-sonar-scanner"))
    .withDirectory(SCANNER_FOLDER, tree)
    .withWorkdir(SCANNER_FOLDER)
}
