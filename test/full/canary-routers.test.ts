// Canaries where no router takes weights: the ratio of ready pods carries them, behind a plain Ingress, on the lasting cluster.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { closingLine } from "../support/daggerw.js"
import { killAt, wait } from "../support/command.js"
import type { CanarySettings } from "../support/canary-cluster.js"
import { RELEASE } from "../support/product-on-cluster.js"
import { ENTRANCE_URL, RouterTest, shortCanary, shortSteps } from "../support/router-environment.js"
import { steadyRequests } from "../support/steady-requests.js"

const NAMESPACE = "routers-test"
const BY_PODS = shortCanary({ router: "replicas" })
// Three pods a service: 25 % is one more.
const test = new RouterTest({ namespace: NAMESPACE, strategy: BY_PODS, prefix: "ca6", replicas: 3, controller: "plain" })

/** What the Services of the routed services select: a track, or with `both` the pods of all. */
const selected = (): readonly string[] =>
  ["frontend", "backend"].map((name) => (JSON.parse(test.kubectl("get", "service", `${RELEASE}-${name}`, "-n", NAMESPACE, "-o", "json")) as { spec: { selector?: Record<string, string> } }).spec.selector?.["delivery.dev/track"] ?? "both")
const STABLE = ["stable", "stable"]

beforeAll(() => test.up())
afterAll(() => test.down())

describe("without a router", () => {
  it("the first release is rolled out, behind Services whose selectors are the canary program's", async () => {
    const ended = await test.deploy(test.first)
    expect(ended.status, ended.output).toBe(0)
    expect(selected()).toEqual(STABLE)
    const { metadata } = JSON.parse(test.kubectl("get", "service", `${RELEASE}-frontend`, "-n", NAMESPACE, "--show-managed-fields", "-o", "json")) as { metadata: { managedFields: { manager: string; fieldsV1: { "f:spec"?: Record<string, unknown> } }[] } }
    expect(metadata.managedFields.filter(({ fieldsV1 }) => fieldsV1["f:spec"]?.["f:selector"] !== undefined).map(({ manager }) => manager)).toEqual(["delivery-canary"])
  })

  it("25 % is not called 10 %: what whole pods cannot carry is refused before anything is written", async () => {
    const before = test.revisions()
    const ended = await test.deploy(await test.nextCommit(), { strategy: { canary: { ...BY_PODS, steps: shortSteps(10, 50) } } })
    expect(ended.status, ended.output).toBe(2)
    expect(closingLine(ended)).toMatch(/10 % asked; frontend: with 3 stable pods 1 canary pod carries 25 %: refused, needs 9 stable pods, or 7 for 13 %/)
    expect([test.revisions(), selected()]).toEqual([before, STABLE])
  })

  it("a release that is well is promoted at the weights that its pods have, and no request is lost", async () => {
    const commit = await test.nextCommit()
    const requests = steadyRequests(`${ENTRANCE_URL}/`, 30, "DocuThinker")
    // Asked for 28 %, which is 1 of 4.
    const ended = await test.deploy(commit, { strategy: { canary: { ...BY_PODS, steps: shortSteps(28, 100) } } })
    const { sent, failed } = await requests.stop()
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/no router: the weight is the ratio of ready pods: frontend 1 of 4 pods, 25 %; backend 1 of 4 pods, 25 %/)
    expect(ended.output).toMatch(/step 1 of 2, 25 %: observed 2[0-9] %/)
    expect(ended.output).not.toMatch(/step 1 of 2, 28 %/)
    expect(ended.output).toMatch(/canary +staging +passed .*promoted after \d+ s, 25 → 100 %/)
    expect([sent > 300, failed]).toEqual([true, []])
    expect(test.pods().split("\n").every((line) => line.endsWith(`stable ${commit}`))).toBe(true)
    expect(selected()).toEqual(STABLE)
  })
})

describe("a release that is not well", () => {
  it.each<[string, CanarySettings["faults"], RegExp]>([
    ["answers 5 % of all requests with an error", { frontend: { FAULT_ERROR_RATE: "0.05" }, backend: { FAULT_ERROR_RATE: "0.05" } }, /errors(?: of \w+)?: canary \d+ of \d+ \([\d.]+ %\) errors, stable 0 of|smoke: .*injected_fault/],
    ["crashes, which its own counters never tell", { backend: { FAULT_CRASH_AFTER_SECONDS: "18" } }, /pod docuthinker-backend-canary-\S+ has crashed under its traffic|crash loop: pod \S+backend-canary/],
    ["is slow in ai-ml alone, which no route leads to", { "ai-ml": { FAULT_LATENCY_MS: "1500" } }, /latency(?: of backend)?: canary \d+ of \d+ \([\d.]+ %\) slow answers/],
  ])("%s: it is taken back, and that is said", async (_, faults, reason) => {
    const before = test.pods()
    const ended = await test.deploy(await test.nextCommit(), { faults: faults ?? {} })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(reason)
    expect(ended.output).toMatch(/taken back, the traffic first, stable proven healthy/)
    expect([selected(), test.pods()]).toEqual([STABLE, before])
  })
})

describe("blue/green", () => {
  it("is a change of the selectors, to a colour, and no request is lost", async () => {
    const { slo, traffic } = BY_PODS as Record<string, unknown>
    const commit = await test.nextCommit()
    const requests = steadyRequests(`${ENTRANCE_URL}/`, 30, "DocuThinker")
    const ended = await test.deploy(commit, { strategy: { blueGreen: { router: "replicas", watchSeconds: 5, keepSeconds: 5, maximumSeconds: 90, intervalSeconds: 2, slo, inconclusive: "rollback", traffic } } })
    expect((await requests.stop()).failed).toEqual([])
    expect(ended.status, ended.output).toBe(0)
    expect(selected()).toEqual(["green", "green"])
    expect(test.pods().split("\n").every((line) => line.endsWith(`green ${commit}`))).toBe(true)
    // Back on stable for who comes next.
    const back = await test.deploy(await test.nextCommit())
    expect(back.status, back.output).toBe(0)
    expect(selected()).toEqual(STABLE)
  })
})

describe("a pipeline that is killed", () => {
  it("leaves no traffic on the canary: the cluster takes it away by itself, and canary-abort ends the rollout", async () => {
    const running = test.start(await test.nextCommit(), { strategy: { canary: { ...BY_PODS, steps: [{ weightPercent: 25, holdSeconds: 300, maximumSeconds: 600 }] } } })
    const killed = await killAt(running, "25 %: observed")
    expect(selected()).toEqual(["both", "both"])
    while (selected().join() !== STABLE.join() && Date.now() - killed < 90_000) await wait(1)
    expect([selected(), Date.now() - killed < 75_000]).toEqual([STABLE, true])
    const aborted = await test.onStaging(test.first, "canary-abort", "--reason=its run was killed")
    expect(aborted.status, aborted.output).toBe(0)
    expect(test.pods()).not.toContain("canary")
  })
})
