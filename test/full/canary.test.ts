// Canaries on the lasting cluster: good and bad releases, what can go wrong around them, and controllers that are killed.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { GATEWAY, SHORT_CANARY, type CanarySettings } from "../support/canary-cluster.js"
import { killAt, wait } from "../support/command.js"
import { closingLine } from "../support/daggerw.js"
import { ProductOnCluster, RELEASE } from "../support/product-on-cluster.js"
import { steadyRequests, type SteadyRequests } from "../support/steady-requests.js"

const NAMESPACE = "canary-test"
const test = new ProductOnCluster({ namespace: NAMESPACE, digit: "1" })

beforeAll(() => test.up())
afterAll(() => test.down())

describe("the first release", () => {
  it("is rolled out, for there is nothing to hold it against", async () => {
    const ended = await test.deploy(test.first)
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/canary +staging +skipped .*the first release of an environment/)
    expect(test.tracks()).toEqual(["stable"])
  })

  it("is not deployed twice: nothing changes", async () => {
    const before = test.revisions()
    const ended = await test.deploy(test.first)
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toContain("runs this release already: nothing was changed")
    expect(test.revisions()).toBe(before)
  })
})

describe("a release that is well", () => {
  it("is promoted step by step, and no request is lost", async () => {
    const commit = await test.nextCommit()
    const requests = steadyRequests(GATEWAY, 50, "DocuThinker")
    const ended = await test.deploy(commit)
    const { sent, failed } = await requests.stop()
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/step 1 of 2, 25 %: observed 2[0-9] %/)
    expect(ended.output).toMatch(/canary +staging +passed .*promoted after/)
    expect(ended.output).toMatch(/synthetic traffic: \d+ requests, 0 failed/)
    expect([sent > 500, failed]).toEqual([true, []])
    expect(test.pods().split("\n").every((line) => line.endsWith(` stable ${commit}`))).toBe(true)
    expect(test.weight()).toBe(0)
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
    const before = test.pods()
    const ended = await test.deploy(await test.nextCommit(), { faults: faults ?? {} })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(reason)
    expect(ended.output).toMatch(/taken back, the traffic first, stable proven healthy/)
    expect(ended.output).not.toContain("update-stable")
    expect([test.weight(), test.tracks(), test.pods()]).toEqual([0, ["stable"], before])
  })
})

describe("what is not the release's fault", () => {
  it("Prometheus gone in mid-step ends it as an error", async () => {
    const running = test.start(await test.nextCommit())
    await running.says("25 %: observed")
    test.kubectl("scale", "-n", "monitoring", "deployment/prometheus", "--replicas=0")
    const ended = await running.ended.finally(() => test.kubectl("scale", "-n", "monitoring", "deployment/prometheus", "--replicas=1"))
    test.kubectl("rollout", "status", "-n", "monitoring", "deployment/prometheus", "--timeout=120s")
    expect(ended.status, ended.output).toBe(2)
    expect(closingLine(ended)).toMatch(/no counters for \d+ s while the canary carries traffic: Prometheus/)
    expect([test.weight(), test.tracks()]).toEqual([0, ["stable"]])
  })

  it("a router that does not give the weight it was told is not believed", async () => {
    // Every request has a method, and a route that names it goes before one that does not.
    const rule = (method: string) => ({ matches: [{ path: { type: "PathPrefix", value: "/" }, method }], backendRefs: [{ name: `${RELEASE}-frontend`, port: 80 }] })
    const shadow = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name: "shadow", namespace: NAMESPACE }, spec: { parentRefs: [{ name: "public", namespace: "gateway" }], hostnames: ["10.90.0.2"], rules: ["GET", "POST"].map(rule) } }
    test.apply(shadow)
    const ended = await test.deploy(await test.nextCommit()).finally(() => test.kubectl("delete", "httproute", "shadow", "-n", NAMESPACE))
    expect(ended.status, ended.output).toBe(2)
    // A longer path goes before a method, so what is asked of the other services still follows the weights.
    expect(closingLine(ended)).toMatch(/the router does not give the weight that it was told: asked for 25 %, observed (\d|1\d) %/)
  })

  it("no request at all is inconclusive, and never a pass", async () => {
    const { traffic: _, ...quiet } = SHORT_CANARY
    const ended = await test.deploy(await test.nextCommit(), { strategy: { canary: { ...quiet, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 20 }] } } })
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/too few to know the weight/)
    expect([test.weight(), test.tracks()]).toEqual([0, ["stable"]])
  })

  it("a stable that is as ill as the canary is inconclusive: nothing shows that the release is the cause", async () => {
    test.kubectl("set", "env", "-n", NAMESPACE, `deployment/${RELEASE}-backend`, "FAULT_LATENCY_MS=1500")
    test.kubectl("rollout", "status", "-n", NAMESPACE, `deployment/${RELEASE}-backend`, "--timeout=120s")
    const ended = await test.deploy(await test.nextCommit(), { faults: { backend: { FAULT_LATENCY_MS: "1500" } }, strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 25 }] } } })
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/stable breaks it too, so nothing shows that this release is the cause/)
  })
})

describe("two at once, and persons", () => {
  it("the second run waits for the first, and then finds its own release to roll out", async () => {
    const first = test.start(await test.nextCommit())
    await first.says("25 %: observed")
    const second = test.start(await test.nextCommit())
    await second.says("waiting for run")
    expect((await first.ended).status).toBe(0)
    const ended = await second.ended
    expect(ended.status, ended.output).toBe(0)
  })

  it("a person at another terminal sees it, holds it, lets it go on and takes it back", async () => {
    const running = test.start(await test.nextCommit())
    await running.says("25 %: observed")
    const paused = await test.onStaging(test.first, "canary-pause", "--by=ada", "--reason=lunch")
    expect(paused.status, paused.output).toBe(0)
    const status = await test.onStaging(test.first, "canary-status")
    expect(status.output).toMatch(/25 %: .*paused by ada/)
    expect((await test.onStaging(test.first, "canary-resume", "--by=ada")).status).toBe(0)
    const aborted = await test.onStaging(test.first, "canary-abort", "--by=ada", "--reason=orders look wrong")
    expect(aborted.status, aborted.output).toBe(0)
    const ended = await running.ended
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toContain("aborted by ada: orders look wrong")
    expect([test.weight(), test.tracks()]).toEqual([0, ["stable"]])
  })

  it("is not promoted past its judge without a reason", async () => {
    const ended = await test.onStaging(test.first, "canary-promote", "--reason= ")
    expect(ended.status, ended.output).toBe(2)
  })
})

describe("a pipeline that is killed", () => {
  let requests: SteadyRequests
  beforeEach(() => {
    requests = steadyRequests(GATEWAY, 50, "DocuThinker")
  })
  afterEach(async () => expect((await requests.stop()).failed).toEqual([]))

  it.each([": ready", ": smoke", ": weight", "25 %: observed", "100 %: ", ": update-stable", ": observe-return", ": remove"])("at %j is taken up by the next call, which ends it", async (line) => {
    const commit = await test.nextCommit()
    const running = test.start(commit)
    await killAt(running, line)
    const ended = await test.onStaging(commit, "deploy")
    expect(ended.status, ended.output).toBe(0)
    expect([test.phase(), test.weight(), test.tracks()]).toEqual(["promoted", 0, ["stable"]])
    expect(test.pods()).toContain(commit)
  })

  it("leaves no traffic on the canary: the cluster takes it away by itself, and another release is refused until somebody ends this one", async () => {
    const running = test.start(await test.nextCommit(), { strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 300, maximumSeconds: 600 }] } } })
    const killed = await killAt(running, "25 %: observed")
    expect(test.weight()).toBe(25)
    while (test.weight() !== 0 && Date.now() - killed < 90_000) await wait(1)
    expect([test.weight(), Date.now() - killed < 75_000]).toEqual([0, true])
    const other = await test.onStaging(await test.nextCommit(), "deploy")
    expect(other.status, other.output).toBe(2)
    expect(closingLine(other)).toMatch(/expected no other rollout here/)
    const aborted = await test.onStaging(test.first, "canary-abort", "--reason=its run was killed")
    expect(aborted.status, aborted.output).toBe(0)
    expect([test.phase(), test.tracks()]).toEqual(["aborted", ["stable"]])
  })
})

describe("blue/green", () => {
  const strategy = { blueGreen: { watchSeconds: 5, keepSeconds: 5, maximumSeconds: 90, intervalSeconds: 2, slo: SHORT_CANARY.slo, inconclusive: "rollback", traffic: SHORT_CANARY.traffic } }

  it("switches all of the traffic in one write, keeps the old colour for its time, and loses no request; twice, to either colour and back", async () => {
    for (const colour of ["green", "blue"]) {
      const commit = await test.nextCommit()
      const requests = steadyRequests(GATEWAY, 50, "DocuThinker")
      const ended = await test.deploy(commit, { strategy })
      expect((await requests.stop()).failed).toEqual([])
      expect(ended.status, ended.output).toBe(0)
      expect(test.tracks()).toEqual([colour])
      expect(test.pods()).toContain(commit)
    }
  })

  // Slow, for a colour that answers with errors may be found by its smoke checks, before any traffic has moved.
  it("switches back when the new colour is bad", async () => {
    const before = test.tracks()
    const ended = await test.deploy(await test.nextCommit(), { strategy, env: { backend: { FAULT_LATENCY_MS: "1500" } } })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/taken back, the traffic first.* over the limit/)
    expect([test.weight(), test.tracks()]).toEqual([0, before])
  })
})
