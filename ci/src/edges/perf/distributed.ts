import { UsageError } from "../../core/errors.js"
import { mergeSummaries, runnerSummary, SUMMARY_MARK, type RunnerOutput } from "../../core/perf/merge-load.js"
import type { LoadFiles } from "../../core/perf/load-folder.js"
import type { LoadPlan } from "../../core/perf/load-plan.js"
import { archiveObject, hasEnded, runnerSelector, testRunName, testRunObject, testRunSeconds, type TestRunPlace } from "../../core/perf/test-run.js"
import { kubeJson, kubeJsonIfThere } from "../deploy/kube-client.js"
import { kubeRequest, type KubeConnection } from "../kube-request.js"

const TEST_RUN_LOOK_MS = 5000
const LOG_MS = 60_000
const API = "/apis/k6.io/v1alpha1"

/** What several machines need to send one load. */
export interface DistributedLoad extends Omit<TestRunPlace, "name"> {
  readonly connection: KubeConnection
  /** What `k6 archive` packed, in Base64. */
  readonly archive: string
  readonly say: (line: string) => void
}

/** Has k6-operator send the load from several machines of the environment's cluster, waits, and merges what they measured. */
export async function loadFromCluster(plan: LoadPlan, load: DistributedLoad): Promise<LoadFiles> {
  const { connection, namespace, say } = load
  if ((await kubeJsonIfThere(connection, API)) === null) throw new UsageError(`--distributed: expected k6-operator in the cluster of ${plan.environment}, and its API server knows no k6.io/v1alpha1. Install it (docs/perf.md), or leave --distributed out.`)
  const place: TestRunPlace = { ...load, name: testRunName(plan.runId) }
  const archive = archiveObject(place, load.archive)
  if (archive === null) throw new UsageError("--distributed: expected scripts that fit into a ConfigMap of 1 MiB, got more. Take large data files out of the folder's scripts.")
  const configMaps = `/api/v1/namespaces/${namespace}/configmaps`
  const testRuns = `${API}/namespaces/${namespace}/testruns`
  await kubeJson(connection, "POST", configMaps, archive)
  try {
    await kubeJson(connection, "POST", testRuns, testRunObject(place))
    await waitForEnd(plan, connection, `${testRuns}/${place.name}`, say)
    return mergedFiles(await runnerOutputs(connection, namespace, place.name), load.parallelism)
  } finally {
    // The objects have told all that they know; what cannot be taken away is said, and does not hide the result.
    for (const path of [`${testRuns}/${place.name}?propagationPolicy=Background`, `${configMaps}/${place.name}`]) {
      await kubeJson(connection, "DELETE", path).catch((error: unknown) => say(`${path.split("?")[0]} is left: ${error instanceof Error ? error.message : String(error)}`))
    }
  }
}

async function waitForEnd(plan: LoadPlan, connection: KubeConnection, path: string, say: (line: string) => void): Promise<void> {
  const started = Date.now()
  const giveUp = started + testRunSeconds(plan) * 1000
  let told = ""
  for (;;) {
    const { status } = await kubeJson<{ status?: { stage?: string } }>(connection, "GET", path)
    const stage = status?.stage ?? "waiting for the operator"
    if (stage !== told) say(`${Math.round((Date.now() - started) / 1000)} s: ${stage}`)
    told = stage
    if (hasEnded(stage)) return
    if (Date.now() > giveUp) throw new Error(`the load from the cluster did not end within ${testRunSeconds(plan)} s: its TestRun says ${stage}`)
    await new Promise((resolve) => setTimeout(resolve, TEST_RUN_LOOK_MS))
  }
}

async function runnerOutputs(connection: KubeConnection, namespace: string, name: string): Promise<readonly RunnerOutput[]> {
  const pods = `/api/v1/namespaces/${namespace}/pods`
  const { items } = await kubeJson<{ items: { metadata: { name: string } }[] }>(connection, "GET", `${pods}?labelSelector=${encodeURIComponent(runnerSelector(name))}`)
  return Promise.all(items.map(async ({ metadata }) => ({ pod: metadata.name, log: (await kubeRequest(connection, "GET", `${pods}/${metadata.name}/log`, { timeoutMs: LOG_MS })).body })))
}

/** The files that one k6 would have left. A runner that tells nothing makes the load one of unknown size. */
function mergedFiles(outputs: readonly RunnerOutput[], parallelism: number): LoadFiles {
  const summaries = outputs.flatMap(({ log }) => runnerSummary(log) ?? [])
  const log = outputs.map(({ pod, log: text }) => `# ${pod}\n${text.split("\n").filter((line) => !line.startsWith(SUMMARY_MARK)).join("\n")}`).join("\n")
  if (summaries.length < parallelism) throw new Error(`${summaries.length} of ${parallelism} runners told what they measured: ${log.trim().split("\n").slice(-3).join(" | ").slice(0, 500)}`)
  const merged = mergeSummaries(summaries)
  const crossed = Object.values(merged.metrics).some(({ thresholds }) => Object.values(thresholds ?? {}).some(({ ok }) => !ok))
  return { "load.json": JSON.stringify(merged), "load.log": log, "load.exit": crossed ? "99" : "0" }
}
