// Deployments of one release on the lasting cluster, by the module and by Helm 4 alone, in one run: seconds to a verdict with its cause, to the old
// revision, of a good deployment, and requests that failed meanwhile at 200 a second.
import { writeFileSync, readFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stringify } from "yaml"
import type { DeploymentRecord } from "../../ci/src/core/deploy/history.js"
import { daggerw, ROOT } from "../../test/support/daggerw.js"
import { writeDeployment, type FaultyDeployment } from "../../test/support/fault-tree.js"
import { pinnedImage } from "../../test/support/pinned-image.js"
import { GATEWAY, openStaging, RELEASES, type Staging } from "../../test/support/staging.js"
import { steadyRequests } from "../../test/support/steady-requests.js"
import { clusterEye, type Eye } from "./cluster-eye.js"

const NAMESPACE = "hello-bench"
const PER_SECOND = 200
const READY_MS = 15_000
const GOOD_PAIRS = 3
const HELM_TIMEOUT = "60s"

interface Fault {
  readonly name: string
  readonly deployment: FaultyDeployment
  readonly commit: string
}
const FAULTS: readonly Fault[] = [
  { name: "image that no registry has", deployment: {}, commit: RELEASES.imageless },
  { name: "crash loop", deployment: { env: { FAULT_CRASH_AFTER_SECONDS: "0" } }, commit: RELEASES.faulty },
  { name: "never ready", deployment: { env: { FAULT_NEVER_READY: "1" } }, commit: RELEASES.faulty },
  { name: "fits no node", deployment: { values: { services: { hello: { resources: { requests: { cpu: "64", memory: "64Mi" } } } } } }, commit: RELEASES.faulty },
]

/** One deployment, in seconds since its first write. */
interface Timed {
  readonly evidence: number | null
  readonly verdict: number
  readonly allNew: number | null
  readonly back: number | null
  readonly words: string
  readonly sent: number
  readonly failed: number
  /** Of the whole call, and of its checks before the first write. */
  readonly call: number
}

const since = (start: number, at: number | null): number | null => (at === null ? null : (at - start) / 1000)
const cell = (seconds: number | null): string => (seconds === null ? "-" : `${seconds.toFixed(1)} s`).padStart(8)
let version = 0

export async function measureDeploy(): Promise<void> {
  const staging = await openStaging(NAMESPACE)
  const eye = clusterEye(staging.kubeconfig, NAMESPACE, "hello-hello")
  try {
    const first = await staging.deploy({ env: { VERSION: "0" } })
    if (first.status !== 0) throw new Error(`the first deployment ended with ${first.status}:\n${first.output}`)
    await good(staging, eye)
    await faults(staging, eye)
  } finally {
    eye.close()
    staging.close()
  }
}

async function good(staging: Staging, eye: Eye): Promise<void> {
  console.log(`good deployment, ${GOOD_PAIRS} times each in turn    first write to all pods new and ready    whole call    requests failed`)
  const rows: { by: string; timed: Timed }[] = []
  for (let pair = 0; pair < GOOD_PAIRS; pair += 1) {
    for (const [by, deploy] of [["Helm alone", byHelm], ["module", byModule]] as const) {
      const timed = await deploy(staging, eye, { env: { VERSION: String((version += 1)) } }, RELEASES.faulty)
      rows.push({ by, timed })
      console.log(`  ${by.padEnd(12)} ${cell(timed.allNew)} ${cell(timed.call)}   ${timed.failed} of ${timed.sent}   ${timed.words}`)
    }
  }
  const middle = (by: string): number => rows.filter((row) => row.by === by).map(({ timed }) => timed.allNew ?? Number.NaN).sort((a, b) => a - b)[Math.floor(GOOD_PAIRS / 2)] ?? Number.NaN
  console.log(`  medians: Helm ${middle("Helm alone").toFixed(2)} s, module ${middle("module").toFixed(2)} s, ratio ${(middle("module") / middle("Helm alone")).toFixed(2)}\n`)
}

async function faults(staging: Staging, eye: Eye): Promise<void> {
  console.log("seconds since the first write                 evidence  verdict     old one   requests failed   what was said")
  for (const { name, deployment, commit } of FAULTS) {
    const show = (by: string, { evidence, verdict, back, failed, sent, words }: Timed): void =>
      console.log(`${name.padEnd(28)} ${by.padEnd(16)} ${cell(evidence)} ${cell(verdict)} ${cell(back)}   ${failed} of ${sent}   ${words.slice(0, 200)}`)
    show("module", await byModule(staging, eye, deployment, commit))
    show("Helm, deadline 10", await byHelm(staging, eye, withDeadline(deployment, 10), commit))
    show("Helm, defaults", await byHelm(staging, eye, withDeadline(deployment, 600), commit))
  }
}

const withDeadline = ({ values = {}, ...rest }: FaultyDeployment, progressDeadlineSeconds: number): FaultyDeployment => ({ ...rest, values: { ...values, progressDeadlineSeconds } })

async function byModule(staging: Staging, eye: Eye, deployment: FaultyDeployment, commit: string): Promise<Timed> {
  return observed(eye, async () => {
    const { status, output, runId } = await staging.deploy(deployment, { commit })
    if (status !== 0 && status !== 1) throw new Error(`deploy ended with ${status}:\n${output}`)
    const state = JSON.parse(staging.kubectl("get", "configmap", "delivery-hello", "-n", NAMESPACE, "-o", "json")) as { data: { "history.json": string } }
    const records = (JSON.parse(state.data["history.json"]) as readonly DeploymentRecord[]).filter((record) => record.runId === runId)
    const [own, back] = [records.find(({ kind }) => kind === "deploy"), records.find(({ kind }) => kind === "rollback")]
    const { stages } = JSON.parse(readFileSync(join(ROOT, ".delivery/runs", runId, "run.json"), "utf8")) as { stages: readonly { stage: string; durationSeconds: number; reason: string }[] }
    const plan = stages.find(({ stage }) => stage === "deploy-plan")
    const deployed = stages.find(({ stage }) => stage === "deploy")
    const words = status === 0 ? `deploy-plan ${plan?.durationSeconds} s${/\(lint .*\)$/.exec(plan?.reason ?? "")?.[0] ?? ""}; deploy ${deployed?.durationSeconds} s: ${deployed?.reason}` : (own?.reason ?? "")
    return { start: Date.parse(own?.startedAt ?? ""), end: Date.parse(own?.endedAt ?? ""), back: back === undefined ? null : Date.parse(back.endedAt ?? ""), words }
  })
}

/** As its manual says, with the time of the machine before and after it. */
async function byHelm(staging: Staging, eye: Eye, deployment: FaultyDeployment, commit: string): Promise<Timed> {
  const folder = mkdtempSync(join(tmpdir(), "delivery-bench-"))
  try {
    writeDeployment(staging.tree, NAMESPACE, deployment)
    const image = imageOf(staging, commit)
    writeFileSync(join(folder, "release.yaml"), stringify({ release: { commit }, services: { hello: { image, env: deployment.env ?? {} } } }))
    writeFileSync(join(folder, "config"), staging.kubeconfig)
    writeFileSync(join(folder, "run.sh"), HELM_SCRIPT)
    const host = (path: string): string => `$(host | ${path.endsWith("hello") ? "directory" : "file"} ${path})`
    const chain = [
      `container | from ${pinnedImage("helm")} | with-directory /chart ${host(join(staging.tree.path, "charts/hello"))}`,
      `with-file /release.yaml ${host(join(folder, "release.yaml"))} | with-file /config ${host(join(folder, "config"))} | with-file /run.sh ${host(join(folder, "run.sh"))}`,
      `with-env-variable KUBECONFIG /config | with-env-variable NONCE ${Date.now()} | with-exec sh,/run.sh | stdout`,
    ].join(" | ")
    return await observed(eye, async () => {
      const { status, stdout, output } = await daggerw(["-M", "-s", "-c", chain])
      const [, from, to, code] = /^times (\S+) (\S+) (\d+)$/m.exec(stdout) ?? []
      if (status !== 0 || from === undefined || to === undefined) throw new Error(`helm alone ended with ${status}:\n${output}`)
      // The clock since the machine's start is the same in every container.
      const booted = Date.now() - Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) * 1000
      const end = booted + Number(to) * 1000
      return { start: booted + Number(from) * 1000, end, back: code === "0" ? null : end, words: stdout.replace(/^times .*$/m, "").trim().replace(/\s+/g, " ") }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const HELM_SCRIPT = `read -r from _ </proc/uptime
code=0
helm upgrade --install hello /chart -n ${NAMESPACE} -f /chart/values-local.yaml -f /chart/values-fault.yaml -f /release.yaml --rollback-on-failure --wait --timeout ${HELM_TIMEOUT} >/out 2>&1 || code=$?
read -r to _ </proc/uptime
grep -E '^(Error|STATUS)' /out
echo "times $from $to $code"
`

/** The reference that a release names. */
function imageOf({ kubectl }: Staging, commit: string): string {
  const running = kubectl("get", "deployment", "hello-hello", "-n", NAMESPACE, "-o", "jsonpath={.spec.template.spec.containers[0].image}")
  return commit === RELEASES.imageless ? running.replace(/sha256:.*/, `sha256:${"0".repeat(64)}`) : running
}

async function observed(eye: Eye, deploy: () => Promise<{ start: number; end: number; back: number | null; words: string }>): Promise<Timed> {
  await eye.open(READY_MS)
  const requests = steadyRequests(GATEWAY, PER_SECOND, "hello")
  const began = Date.now()
  const { start, end, back, words } = await deploy()
  const call = (Date.now() - began) / 1000
  // The eye looks a little later than who has just deployed.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  const { sent, failed } = await requests.stop()
  return { evidence: since(start, eye.evidence()?.at ?? null), verdict: (end - start) / 1000, allNew: since(start, eye.allNew()), back: since(start, back), words, sent, failed: failed.length, call }
}
