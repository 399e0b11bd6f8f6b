import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { counterSource } from "../../src/core/canary/counter-source.js"
import type { ControllerSettings } from "../../src/core/canary/controller-settings.js"
import { rolloutPicture } from "../../src/core/canary/picture.js"
import { splitServices } from "../../src/core/canary/track-pods.js"
import type { RolloutOutcome } from "../../src/core/canary/rollout-outcome.js"
import { hasEnded } from "../../src/core/canary/rollout-state.js"
import { beginRollout } from "./begin.js"
import { HelmCluster } from "./cluster.js"
import { clusterConnection } from "./connection.js"
import { Helm } from "./helm.js"
import { insist } from "./insist.js"
import { leadRollout, wordsOf } from "./lead.js"
import { watchLease } from "./lease.js"
import type { RolloutStore } from "./ports.js"
import { prometheusMetrics } from "./prometheus.js"
import { ClusterRollout } from "../../src/edges/canary/rollout-store.js"
import { K6Traffic } from "./traffic.js"

// What the way back may take: weight 0, drained, rolled back, proven.
const WAY_BACK_SECONDS = 300

const started = Date.now()
const say = (line: string): void => console.log(`[${((Date.now() - started) / 1000).toFixed(0).padStart(4)} s] ${line}`)

/** Leads the rollout that the settings describe, or the one that the cluster holds, and leaves how it ended. */
async function run(settings: ControllerSettings): Promise<void> {
  mkdirSync(settings.out, { recursive: true })
  const leave = (name: string, text: string): void => writeFileSync(join(settings.out, name), text)
  const { release, runId, services, gatewayUrl } = settings
  const connection = await clusterConnection()
  const store = new ClusterRollout(connection, release.namespace, release.name, `${runId}-${process.pid}-${started}`)
  const begun = await beginRollout(store, settings.begin)
  if (!("stored" in begun)) return leave("outcome.json", JSON.stringify(begun satisfies RolloutOutcome))
  const { facts, plan, state } = begun.stored
  const lease = await watchLease(connection, release.namespace, settings.lease)
  const helm = new Helm(connection, release, settings.workdir)
  const { latencyMs, requestMetric = null } = settings
  const source = counterSource({ router: facts.router ?? "gateway", namespace: release.namespace, release: release.name, services: splitServices(services, facts.services), routed: services.filter(({ routes }) => routes.length > 0).map(({ name }) => name), track: facts.track, live: facts.live, latencyMs, requestMetric })
  const cluster = new HelmCluster({ connection, helm, store, facts, services, gatewayUrl, trackServices: settings.begin?.trackServices ?? {}, folder: settings.out, lease, say })
  const { script = null, requestsPerSecond = 0, everybody = false } = settings.traffic ?? {}
  const traffic = new K6Traffic({ script, requestsPerSecond, everybody, gatewayUrl: gatewayUrl ?? "", track: facts.track, summaryFile: join(settings.out, "k6.json") }, say)
  const ports = { store: patient(store), cluster, traffic, say, metrics: prometheusMetrics(settings.prometheusUrl, source, settings.queries, say), sleep: (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000)) }
  try {
    const end = await leadRollout(plan, state, ports, { takenUp: begun.kind === "taken-up", untilWeight: settings.begin?.untilWeight ?? false, limitSeconds: Math.max(60, settings.timeoutSeconds - WAY_BACK_SECONDS) })
    leave("rollout.svg", rolloutPicture(plan, end))
    // How it ended is not to be lost for a number.
    const revision = await helm.revisions().then((all) => all.at(-1)?.revision ?? null, (error: unknown) => (say(`Helm's newest revision cannot be read: ${wordsOf(error)}`), null))
    leave("outcome.json", JSON.stringify({ kind: hasEnded(end) ? "ended" : "at-weight", facts: cluster.facts, plan, state: end, revision, sent: traffic.sent, seconds: (Date.now() - started) / 1000 } satisfies RolloutOutcome))
  } finally {
    cluster.close()
    await traffic.keepUp("nobody")
    await lease.release()
    leave("helm.log", helm.outcomes.map(({ argv, exitCode, stderr }) => `$ ${argv.join(" ")}\n${stderr}[exit code ${exitCode}]\n`).join("\n"))
  }
}

/** The store through an API server that is away for a while. */
function patient(store: ClusterRollout): RolloutStore {
  return { commands: () => insist(() => store.commands()), save: (state, obeyed) => insist(() => store.save(state, obeyed)) }
}

run(JSON.parse(readFileSync(process.argv[2] ?? "/delivery/rollout.json", "utf8")) as ControllerSettings).then(
  () => process.exit(0),
  (error: unknown) => {
    say(`error: ${wordsOf(error)}`)
    process.exit(2)
  },
)
