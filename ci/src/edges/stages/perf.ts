import { dag, type Container, type Directory } from "@dagger.io/dagger"
import type { EnvironmentConfig } from "../../core/config/environments.js"
import { UsageError } from "../../core/errors.js"
import { lastLines } from "../../core/gates/exec.js"
import { errorGate, notConfiguredGate } from "../../core/gates/gate.js"
import { durationText } from "../../core/perf/duration.js"
import { budgetFor } from "../../core/perf/load-budget.js"
import { loadKey } from "../../core/perf/load-comparison.js"
import { parseBudgets, parseProfiles } from "../../core/perf/load-files.js"
import { loadLog, reportLoad, type LoadFiles } from "../../core/perf/load-folder.js"
import { chosenScript, entryScript, harnessSettings, planLoad, type LoadPlan } from "../../core/perf/load-plan.js"
import { unconfirmed } from "../../core/perf/load-target.js"
import { readRecording } from "../../core/perf/recording.js"
import type { ServerSide } from "../../core/perf/server-side.js"
import { nextNonce, runCommand, textFile, uncached } from "../exec.js"
import { containerOf } from "../image-container.js"
import { loadFromCluster } from "../perf/distributed.js"
import { keepGoodRun, LOAD_STORE, withLoadStore } from "../perf/load-store.js"
import { watchPods } from "../perf/pod-watch.js"
import { askPrometheus } from "../perf/prometheus.js"
import { readFiles } from "../perf/read-files.js"
import { chartOf, environmentOf, limits, releaseName, type Run, type StageWork } from "../run.js"
import type { Target } from "../target.js"
import { filePaths } from "../files-alone.js"

const OUT = "/out"
const PROGRESS_SECONDS = 10
// For the iterations before the load, iterations that come to their end, and the summary.
const AROUND_SECONDS = 120

/** Loads an environment through its gateway with k6; its limits decide. */
export const perf: StageWork = async (run, planned) => {
  const environment = environmentOf(run, planned)
  const unmeant = unconfirmed(environment, run.loadRequest)
  if (unmeant !== null) return { gate: notConfiguredGate(unmeant) }
  // An address is enough; where the call can reach the cluster too, its pods are watched meanwhile.
  const reachable = environment.kubeconfig === null || run.credentials.has(environment.kubeconfig)
  const { baseUrl, distributed } = run.loadRequest
  const target = distributed > 0 || (baseUrl === null && reachable) ? await run.target(environment.name) : null
  const { plan, folder } = await makePlan(run, environment, baseUrl ?? target?.gatewayUrl ?? environment.baseUrl)
  if (plan.shape.seconds + AROUND_SECONDS > planned.timeoutSeconds) {
    throw new UsageError(`perf: the load takes ${durationText(plan.shape.seconds)} and the stage ends after ${durationText(planned.timeoutSeconds)}. Set stages.perf.timeoutSeconds to ${Math.ceil(plan.shape.seconds) + AROUND_SECONDS} or more, or shorten the load with --duration.`)
  }
  const pods = watchPods(target === null ? null : { connection: target.connection, environment, services: Object.values(run.checkout.config.services), release: chartOf(run).release })
  const container = loadContainer(run, plan, folder, planned.timeoutSeconds)
  const result = await runCommand(uncached(target === null ? container : target.connect(container), nextNonce(run.header.runId)), ["sh", "/load/k6/drive.sh"], limits(run, planned))
  const files = result.exitCode === 0 ? await measuredFiles(run, plan, environment, await readFiles(result.container.directory(OUT)), target) : null
  const endedAtMs = Date.now()
  const watched = await pods.end()
  if (files === null) return { gate: errorGate(`the load test ended with ${result.exitCode}: ${lastLines(result.stderr || result.stdout, 3)}`) }
  const server = await serverSide(environment, target, { startedAtMs: readRecording(files["series.ndjson"] ?? "").startedAtMs, endedAtMs }, watched)
  const { gate, good, files: reports } = await reportLoad(files, { timeoutSeconds: planned.timeoutSeconds, server })
  if (good !== null) await keepGoodRun(good, { project: run.checkout.config.project, environment: environment.name, image: run.checkout.image("debian") })
  const log = textFile(`logs/perf-${environment.name}.log`, `${result.stdout}${loadLog(files)}`)
  return { gate, evidence: reports.reduce((evidence, { path, text }) => evidence.withNewFile(`perf/${environment.name}/${path}`, text), log) }
}

/** What one k6 left; where several machines send the load, it is sent now, from what was packed. */
async function measuredFiles(run: Run, plan: LoadPlan, { namespace }: EnvironmentConfig, { "archive.b64": archive, ...files }: LoadFiles, target: Target | null): Promise<LoadFiles> {
  if (archive === undefined || target === null) return files
  const say = (line: string): void => console.log(`perf (${plan.environment}): ${line}`)
  const place = { connection: target.connection, namespace, parallelism: run.loadRequest.distributed, image: run.checkout.image("k6") }
  return { ...files, ...(await loadFromCluster(plan, { ...place, variables: runnerVariables(plan), archive, say })) }
}

/** What the pods needed meanwhile: as Prometheus saw it, where there is one that knows them. */
async function serverSide(environment: EnvironmentConfig, target: Target | null, { startedAtMs, endedAtMs }: { readonly startedAtMs: number | null; readonly endedAtMs: number }, watched: ServerSide): Promise<ServerSide> {
  const prometheus = target?.ownPrometheusUrl ?? environment.prometheus
  if (prometheus === null || startedAtMs === null) return watched
  const asked = await askPrometheus(prometheus, environment.namespace, { startedAtMs, endedAtMs })
  return asked.rows.length === 0 && watched.rows.length > 0 ? watched : asked
}

/** What will be done, from the call and the files of the load tests; nothing has been sent by then. */
async function makePlan(run: Run, environment: EnvironmentConfig, baseUrl: string | null): Promise<{ readonly plan: LoadPlan; readonly folder: Directory }> {
  const { config, source } = run.checkout
  if (config.perf === null) throw new UsageError("delivery.yaml: expected `perf.path` with the load tests, got none")
  if (baseUrl === null) throw new UsageError(`environment ${environment.name}: expected \`baseUrl\` in delivery.yaml or --base-url, got neither; a load test needs a target that was meant`)
  const { path } = config.perf
  const folder = source.directory(path)
  const paths = await filePaths(folder)
  const read = async <Value>(name: string, parse: (text: string, file: string) => Promise<Value>, without: () => Promise<Value>): Promise<Value> =>
    paths.includes(name) ? parse(await folder.file(name).contents(), `${path}/${name}`) : without()
  const budgets = await read("budgets.json", parseBudgets, () => Promise.resolve({}))
  const profiles = await read("profiles.json", parseProfiles, () => parseProfiles("{}", ""))
  const budget = budgetFor(environment.name, { name: `${path}/budgets.json`, budgets }, environment.budgets)
  const chosen = chosenScript(paths, run.loadRequest.scenario ?? config.perf.scenario, path)
  const facts = { runId: run.header.runId, commit: releaseName(run), environment: environment.name, baseUrl, ...chosen }
  return { plan: planLoad(facts, run.loadRequest, profiles, budget), folder }
}

/** What the harness needs on another machine; the archive holds the rest. */
const runnerVariables = (plan: LoadPlan): Readonly<Record<string, string>> => ({
  BASE_URL: plan.baseUrl,
  ENVIRONMENT: plan.environment,
  DELIVERY_RUN_ID: plan.runId,
  DELIVERY_COMMIT: plan.commit,
  DELIVERY_PHASE: "load",
  DELIVERY_LOAD: harnessSettings(plan, "load"),
  DELIVERY_SUMMARY: "stdout",
})

function loadContainer(run: Run, plan: LoadPlan, folder: Directory, timeoutSeconds: number): Container {
  const { shape, budget } = plan
  const { distributed } = run.loadRequest
  const variables = {
    BASE_URL: plan.baseUrl,
    ENVIRONMENT: plan.environment,
    DELIVERY_RUN_ID: plan.runId,
    DELIVERY_COMMIT: plan.commit,
    DELIVERY_STORE: LOAD_STORE,
    DELIVERY_OUT: OUT,
    DELIVERY_LOAD_KEY: loadKey(plan),
    DELIVERY_WARM_UP_SETTINGS: harnessSettings(plan, "warm-up"),
    DELIVERY_LOAD_SETTINGS: harnessSettings(plan, "load"),
    DELIVERY_LIMIT_SECONDS: String(timeoutSeconds - AROUND_SECONDS / 4),
    DELIVERY_DISTRIBUTED: String(distributed),
    DELIVERY_PERIOD_SECONDS: String(plan.periodSeconds),
    DELIVERY_TOTAL_SECONDS: String(shape.seconds),
    DELIVERY_PROGRESS_SECONDS: String(PROGRESS_SECONDS),
    DELIVERY_P95_LIMIT: String(budget.p95Milliseconds),
  }
  const container = withLoadStore(containerOf(run.checkout.image("k6")), run.checkout.config.project)
    .withoutEntrypoint()
    .withUser("0")
    .withDirectory("/load/perf", folder)
    .withDirectory("/load/k6", dag.currentModule().source().directory("k6"))
    .withNewFile("/load/main.ts", entryScript(plan.script))
    .withNewFile("/load/plan.json", JSON.stringify(plan))
    .withDirectory(OUT, dag.directory())
  return Object.entries(variables).reduce((made, [name, value]) => made.withEnvVariable(name, value), container)
}
