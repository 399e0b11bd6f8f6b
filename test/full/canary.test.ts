// Canaries on the lasting cluster: good and bad releases, what can go wrong around them, and controllers that are killed.
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { canaryCluster, canaryTree, GATEWAY, kit, REGISTRY, SHORT_CANARY, writeCanary, type CanarySettings } from "../support/canary-cluster.js"
import { killAt, wait, type Ended, type RunningCommand } from "../support/command.js"
import { call, closingLine, newRunId, ROOT, startCall } from "../support/daggerw.js"
import { putFileImage } from "../support/registry-artifact.js"
import { newRun, runFolder } from "../support/runs.js"
import { steadyRequests, type SteadyRequests } from "../support/steady-requests.js"

const NAMESPACE = "canary-test"
const RELEASE = "docuthinker"
const ROLLOUT = `delivery-${RELEASE}-rollout`
const tree = canaryTree(NAMESPACE)
const good = "1".repeat(40)
let wasUp = false
let kubeconfig = ""
let kubectl: (...argv: string[]) => string

const argumentsOf = (commit: string, runId: string, argv: readonly string[]): string[] => [`--source=${tree.path}`, `--commit=${commit}`, "--dirty=false", "--credentials=env:KUBECONFIG_STAGING", `--run-id=${runId}`, ...argv]
const onStaging = (commit: string, ...argv: string[]): Promise<Ended> => call(argumentsOf(commit, newRunId("canary"), argv), { env: { KUBECONFIG_STAGING: kubeconfig }, limitSeconds: 900 })
const start = (commit: string, ...argv: string[]): RunningCommand => startCall(argumentsOf(commit, newRunId("canary"), argv), { env: { KUBECONFIG_STAGING: kubeconfig }, limitSeconds: 900 })
const deploy = (commit: string, settings: CanarySettings = {}): Promise<Ended> => {
  writeCanary(tree, NAMESPACE, settings)
  return onStaging(commit, "deploy", "--environment=staging")
}

/** A commit of its own for each case, with the images of the first: what differs is what delivery.yaml says. */
let commits = 0
let images: object = {}
async function nextCommit(): Promise<string> {
  commits += 1
  const commit = commits.toString(16).padStart(40, "a")
  await putFileImage(REGISTRY, RELEASE, `release-${commit}`, "release.json", JSON.stringify({ schemaVersion: 1, commit, images, chartDigest: null }))
  return commit
}

/** Of the track; none when no track is there. */
const weightOf = (): number => {
  const { spec } = JSON.parse(kubectl("get", "httproute", RELEASE, "-n", NAMESPACE, "-o", "json")) as { spec: { rules: { backendRefs: { weight: number }[] }[] } }
  return Math.max(0, ...spec.rules.map(({ backendRefs }) => backendRefs[1]?.weight ?? 0))
}
const phase = (): string => (JSON.parse(kubectl("get", "configmap", ROLLOUT, "-n", NAMESPACE, "-o", "jsonpath={.data.state\\.json}")) as { phase: string }).phase
/** Track and commit of each pod that is to stay. */
const commitsServed = (): string => {
  const { items } = JSON.parse(kubectl("get", "pods", "-n", NAMESPACE, "-l", "app.kubernetes.io/component in (frontend,backend,ai-ml)", "-o", "json")) as { items: { metadata: { labels: Record<string, string>; deletionTimestamp?: string } }[] }
  const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  return staying.map(({ metadata: { labels } }) => `${labels["delivery.dev/track"]} ${labels["app.kubernetes.io/version"]}`).sort().join("\n")
}
const tracks = (): string[] => [...new Set(commitsServed().split("\n").map((line) => line.split(" ")[0] ?? ""))]

beforeAll(async () => {
  wasUp = kit("cluster", "status").includes("is Ready")
  ;({ kubeconfig, kubectl } = canaryCluster(NAMESPACE))
  const run = newRun("canary")
  const pushed = await call(argumentsOf(good, run.runId, ["push", "--skip=scan"]), { env: { KUBECONFIG_STAGING: kubeconfig }, limitSeconds: 900 })
  expect(pushed.status, pushed.output).toBe(0)
  ;({ images } = JSON.parse(runFolder(join(ROOT, ".delivery/runs", run.runId), run.runId).text("release.json")) as { images: object })
})
afterAll(() => {
  if (!wasUp) kit("cluster", "down")
  else kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found")
})

describe("the first release", () => {
  it("is rolled out, for there is nothing to hold it against", async () => {
    const ended = await deploy(good)
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/canary +staging +skipped .*the first release of an environment/)
    expect(tracks()).toEqual(["stable"])
  })

  it("is not deployed twice: nothing changes", async () => {
    const before = kubectl("get", "secrets", "-n", NAMESPACE, "-l", "owner=helm", "-o", "name")
    const ended = await deploy(good)
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toContain("runs this release already: nothing was changed")
    expect(kubectl("get", "secrets", "-n", NAMESPACE, "-l", "owner=helm", "-o", "name")).toBe(before)
  })
})

describe("a release that is well", () => {
  it("is promoted step by step, and no request is lost", async () => {
    const commit = await nextCommit()
    const requests = steadyRequests(GATEWAY, 50, "DocuThinker")
    const ended = await deploy(commit)
    const { sent, failed } = await requests.stop()
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/step 1 of 2, 25 %: observed 2[0-9] %/)
    expect(ended.output).toMatch(/canary +staging +passed .*promoted after/)
    expect(ended.output).toMatch(/synthetic traffic: \d+ requests, 0 failed/)
    expect([sent > 500, failed]).toEqual([true, []])
    expect(commitsServed().split("\n").every((line) => line === `stable ${commit}`)).toBe(true)
    expect(weightOf()).toBe(0)
  })
})

/** Each fault switch, on one service's canary alone. */
describe("a release that is not", () => {
  it.each<[string, CanarySettings["faults"], RegExp]>([
    ["answers 5 % of all requests with an error", { frontend: { FAULT_ERROR_RATE: "0.05" }, backend: { FAULT_ERROR_RATE: "0.05" } }, /errors: canary \d+ of \d+ \([\d.]+ %\) errors, stable 0 of|smoke: .*injected_fault/],
    ["is slow", { backend: { FAULT_LATENCY_MS: "1500" } }, /latency: canary \d+ of \d+ \([\d.]+ %\) slow answers/],
    ["crashes under its traffic", { backend: { FAULT_CRASH_AFTER_SECONDS: "18" } }, /errors: canary \d+ of \d+|crash loop: pod \S+backend-canary/],
    ["is never ready", { backend: { FAULT_NEVER_READY: "true" } }, /ready: probe: pod docuthinker-backend-canary-\S+: runs but is not ready/],
    ["is slow in ai-ml alone, which no route leads to", { "ai-ml": { FAULT_LATENCY_MS: "1500" } }, /latency: canary \d+ of \d+ \([\d.]+ %\) slow answers, stable \d+ of/],
    ["answers with errors in ai-ml alone", { "ai-ml": { FAULT_ERROR_RATE: "0.9" } }, /smoke: .*ai-ml makes a summary.*got 500|errors: canary/],
  ])("%s: it is taken back, and that is said", async (_, faults, reason) => {
    const before = commitsServed()
    const ended = await deploy(await nextCommit(), { faults: faults ?? {} })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(reason)
    expect(ended.output).toMatch(/taken back, the traffic first, stable proven healthy/)
    expect(ended.output).not.toContain("update-stable")
    expect([weightOf(), tracks(), commitsServed()]).toEqual([0, ["stable"], before])
  })
})

describe("what is not the release's fault", () => {
  it("Prometheus gone in mid-step ends it as an error", async () => {
    writeCanary(tree, NAMESPACE, {})
    const running = start(await nextCommit(), "deploy", "--environment=staging")
    await running.says("25 %: observed")
    kubectl("scale", "-n", "monitoring", "deployment/prometheus", "--replicas=0")
    const ended = await running.ended.finally(() => kubectl("scale", "-n", "monitoring", "deployment/prometheus", "--replicas=1"))
    kubectl("rollout", "status", "-n", "monitoring", "deployment/prometheus", "--timeout=120s")
    expect(ended.status, ended.output).toBe(2)
    expect(closingLine(ended)).toMatch(/no counters for \d+ s while the canary carries traffic: Prometheus/)
    expect([weightOf(), tracks()]).toEqual([0, ["stable"]])
  })

  it("a router that does not give the weight it was told is not believed", async () => {
    // Every request has a method, and a route that names it goes before one that does not.
    const rule = (method: string) => ({ matches: [{ path: { type: "PathPrefix", value: "/" }, method }], backendRefs: [{ name: `${RELEASE}-frontend`, port: 80 }] })
    const shadow = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name: "shadow", namespace: NAMESPACE }, spec: { parentRefs: [{ name: "public", namespace: "gateway" }], hostnames: ["10.90.0.2"], rules: ["GET", "POST"].map(rule) } }
    kubectlApply(shadow)
    const ended = await deploy(await nextCommit()).finally(() => kubectl("delete", "httproute", "shadow", "-n", NAMESPACE))
    expect(ended.status, ended.output).toBe(2)
    // A longer path goes before a method, so what is asked of the other services still follows the weights.
    expect(closingLine(ended)).toMatch(/the router does not give the weight that it was told: asked for 25 %, observed (\d|1\d) %/)
  })

  it("no request at all is inconclusive, and never a pass", async () => {
    const { traffic: _, ...quiet } = SHORT_CANARY
    const ended = await deploy(await nextCommit(), { strategy: { canary: { ...quiet, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 20 }] } } })
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/too few to know the weight/)
    expect([weightOf(), tracks()]).toEqual([0, ["stable"]])
  })

  it("a stable that is as ill as the canary is inconclusive: nothing shows that the release is the cause", async () => {
    kubectl("set", "env", "-n", NAMESPACE, `deployment/${RELEASE}-backend`, "FAULT_LATENCY_MS=1500")
    kubectl("rollout", "status", "-n", NAMESPACE, `deployment/${RELEASE}-backend`, "--timeout=120s")
    const ended = await deploy(await nextCommit(), { faults: { backend: { FAULT_LATENCY_MS: "1500" } }, strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 25 }] } } })
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/stable breaks it too, so nothing shows that this release is the cause/)
  })
})

describe("two at once, and persons", () => {
  it("the second run waits for the first, and then finds its own release to roll out", async () => {
    writeCanary(tree, NAMESPACE, {})
    const first = start(await nextCommit(), "deploy", "--environment=staging")
    await first.says("25 %: observed")
    const second = start(await nextCommit(), "deploy", "--environment=staging")
    await second.says("waiting for run")
    expect((await first.ended).status).toBe(0)
    const ended = await second.ended
    expect(ended.status, ended.output).toBe(0)
  })

  it("a person at another terminal sees it, holds it, lets it go on and takes it back", async () => {
    const running = start(await nextCommit(), "deploy", "--environment=staging")
    await running.says("25 %: observed")
    const paused = await onStaging(good, "canary-pause", "--environment=staging", "--by=ada", "--reason=lunch")
    expect(paused.status, paused.output).toBe(0)
    const status = await onStaging(good, "canary-status", "--environment=staging")
    expect(status.output).toMatch(/25 %: .*paused by ada/)
    expect((await onStaging(good, "canary-resume", "--environment=staging", "--by=ada")).status).toBe(0)
    const aborted = await onStaging(good, "canary-abort", "--environment=staging", "--by=ada", "--reason=orders look wrong")
    expect(aborted.status, aborted.output).toBe(0)
    const ended = await running.ended
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toContain("aborted by ada: orders look wrong")
    expect([weightOf(), tracks()]).toEqual([0, ["stable"]])
  })

  it("is not promoted past its judge without a reason", async () => {
    const ended = await onStaging(good, "canary-promote", "--environment=staging", "--reason= ")
    expect(ended.status, ended.output).toBe(2)
  })
})

describe("a pipeline that is killed", () => {
  let requests: SteadyRequests
  beforeEach(() => {
    writeCanary(tree, NAMESPACE, {})
    requests = steadyRequests(GATEWAY, 50, "DocuThinker")
  })
  afterEach(async () => expect((await requests.stop()).failed).toEqual([]))

  it.each([": ready", ": smoke", ": weight", "25 %: observed", "100 %: ", ": update-stable", ": observe-return", ": remove"])("at %j is taken up by the next call, which ends it", async (line) => {
    const commit = await nextCommit()
    const running = start(commit, "deploy", "--environment=staging")
    await killAt(running, line)
    const ended = await onStaging(commit, "deploy", "--environment=staging")
    expect(ended.status, ended.output).toBe(0)
    expect([phase(), weightOf(), tracks()]).toEqual(["promoted", 0, ["stable"]])
    expect(commitsServed()).toContain(commit)
  })

  it("leaves no traffic on the canary: the cluster takes it away by itself, and another release is refused until somebody ends this one", async () => {
    writeCanary(tree, NAMESPACE, { strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 300, maximumSeconds: 600 }] } } })
    const running = start(await nextCommit(), "deploy", "--environment=staging")
    const killed = await killAt(running, "25 %: observed")
    expect(weightOf()).toBe(25)
    while (weightOf() !== 0 && Date.now() - killed < 90_000) await wait(1)
    expect([weightOf(), Date.now() - killed < 75_000]).toEqual([0, true])
    const other = await onStaging(await nextCommit(), "deploy", "--environment=staging")
    expect(other.status, other.output).toBe(2)
    expect(closingLine(other)).toMatch(/expected no other rollout here/)
    const aborted = await onStaging(good, "canary-abort", "--environment=staging", "--reason=its run was killed")
    expect(aborted.status, aborted.output).toBe(0)
    expect([phase(), tracks()]).toEqual(["aborted", ["stable"]])
  })
})

describe("blue/green", () => {
  const strategy = { blueGreen: { watchSeconds: 5, keepSeconds: 5, maximumSeconds: 90, intervalSeconds: 2, slo: SHORT_CANARY.slo, inconclusive: "rollback", traffic: SHORT_CANARY.traffic } }

  it("switches all of the traffic in one write, keeps the old colour for its time, and loses no request; twice, to either colour and back", async () => {
    for (const colour of ["green", "blue"]) {
      const commit = await nextCommit()
      const requests = steadyRequests(GATEWAY, 50, "DocuThinker")
      const ended = await deploy(commit, { strategy })
      expect((await requests.stop()).failed).toEqual([])
      expect(ended.status, ended.output).toBe(0)
      expect(tracks()).toEqual([colour])
      expect(commitsServed()).toContain(commit)
    }
  })

  it("switches back when the new colour is bad", async () => {
    const before = tracks()
    const ended = await deploy(await nextCommit(), { strategy, env: { backend: { FAULT_ERROR_RATE: "0.2" } } })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/taken back, the traffic first.* over the limit/)
    expect([weightOf(), tracks()]).toEqual([0, before])
  })
})

function kubectlApply(manifest: object): void {
  tree.write("manifest.json", JSON.stringify(manifest))
  kubectl("apply", "-f", join(tree.path, "manifest.json"))
}
