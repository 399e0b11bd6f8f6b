// Canaries on the lasting cluster: releases that are well, and each way of not being well.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { GATEWAY, SHORT_CANARY, type CanarySettings } from "../support/canary-cluster.js"
import { closingLine } from "../support/daggerw.js"
import { ProductOnCluster, RELEASE } from "../support/product-on-cluster.js"
import { watchObjects } from "../support/kube-watch.js"
import { servingEndpoints } from "../support/serving-endpoints.js"
import { steadyRequests } from "../support/steady-requests.js"

const test = new ProductOnCluster({ namespace: "canary-releases", prefix: "ca1" })

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
    const endpoints = servingEndpoints(test, "backend")
    const ended = await test.deploy(commit)
    const { sent, failed } = await requests.stop()
    endpoints.close()
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/step 1 of 2, 25 %: weight, needs at 25 %: \d+ requests to the canary, \d+ in all, about \d+ s at \d+ a minute/)
    expect(ended.output).toMatch(/step 1 of 2, 25 %: observed 2[0-9] %, canary 0 of \d+ \(0 %\) errors: inconclusive, \d+ more requests to the canary, about \d+ s/)
    expect(ended.output).toMatch(/canary +staging +passed .*promoted after/)
    expect(ended.output).toMatch(/synthetic traffic: \d+ requests, 0 failed/)
    expect([sent > 500, failed]).toEqual([true, []])
    // Two at the most, while the canary carries; never fewer than before.
    expect([Math.min(...endpoints.counts), Math.max(...endpoints.counts) > 1]).toEqual([endpoints.counts[0], true])
    expect(test.pods().split("\n").every((line) => line.endsWith(` stable ${commit}`))).toBe(true)
    expect(test.weight()).toBe(0)
  })
})

describe("a question of the environment's own", () => {
  const asked = (query: object, maximumSeconds = 120): CanarySettings => ({ strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 50, holdSeconds: 2, maximumSeconds }], queries: { own: query } } } })
  const OF_THE_CANARY = `sum(traefik_service_requests_total{service=~"${test.namespace}-.*-canary-http-80@kubernetesgateway"})`

  it("is answered in its range often enough before more traffic comes", async () => {
    const ended = await test.deploy(await test.nextCommit(), asked({ query: `${OF_THE_CANARY} or vector(0)`, minimum: 0 }))
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/own: canary 0 of (2[2-9]|[3-9]\d) \(0 %\) readings out of range/)
  })

  it("takes the release back when its answers lie outside", async () => {
    const ended = await test.deploy(await test.nextCommit(), asked({ query: OF_THE_CANARY, maximum: 0, noData: "zero" }))
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/own: canary \d+ of \d+ \([\d.]+ %\) readings out of range, limit 5\.0 %: over the limit/)
    expect([test.weight(), test.tracks()]).toEqual([0, ["stable"]])
  })

  it("that nothing answers is never a pass", async () => {
    const ended = await test.deploy(await test.nextCommit(), asked({ query: "no_such_metric", maximum: 1 }, 15))
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/own: canary none of 0 readings out of range: no readings of the canary in this step, and no data is not a pass/)
  })

  it("that Prometheus does not understand is told, and is no answer", async () => {
    const ended = await test.deploy(await test.nextCommit(), asked({ query: "sum(", maximum: 1 }, 15))
    expect(ended.status, ended.output).toBe(3)
    expect(ended.output).toMatch(/query own has no answer: Prometheus answers 400 to sum\(: .*parse error/)
  })
})

describe("a schema", () => {
  interface Pod {
    readonly metadata: { readonly name: string; readonly creationTimestamp: string; readonly labels: Readonly<Record<string, string>> }
    readonly status?: { readonly containerStatuses?: readonly { readonly state?: { readonly terminated?: { readonly finishedAt: string; readonly exitCode: number } } }[] }
  }

  it("is expanded in the release's own image before its first pod, and contracted when no pod of the one before is wanted any more", async () => {
    const pods = new Map<string, Pod>()
    const { close } = watchObjects<Pod>(test.kubeconfigFile, ["pods", "-n", test.namespace, "-l", "app.kubernetes.io/component=backend"], (pod) => pods.set(pod.metadata.name, pod))
    const commit = await test.nextCommit()
    const migrations = { expand: ["node", "-e", "console.log('expanded by ' + process.env.SERVICE_VERSION)"], contract: ["node", "-e", "0"] }
    const ended = await test.deploy(commit, { values: { services: { backend: { migrations } } } })
    close()
    expect(ended.status, ended.output).toBe(0)
    const of = (track: string): readonly Pod[] => [...pods.values()].filter(({ metadata: { labels } }) => labels["delivery.dev/track"] === track)
    const created = (track: string, version: string): readonly number[] => of(track).filter(({ metadata }) => metadata.labels["app.kubernetes.io/version"] === version).map(({ metadata }) => Date.parse(metadata.creationTimestamp))
    const finished = of("expand").flatMap(({ status }) => status?.containerStatuses?.flatMap(({ state }) => (state?.terminated === undefined ? [] : [Date.parse(state.terminated.finishedAt)])) ?? [])
    expect(test.kubectl("logs", "-n", test.namespace, `job/${RELEASE}-backend-expand`)).toContain(`expanded by ${commit}`)
    expect(Math.min(...finished)).toBeLessThanOrEqual(Math.min(...created("canary", commit)))
    const contracted = of("contract").map(({ metadata }) => Date.parse(metadata.creationTimestamp))
    expect([contracted.length, Math.min(...contracted) >= Math.max(...created("stable", commit))]).toEqual([1, true])
    test.kubectl("delete", "jobs", "--all", "-n", test.namespace)
  })
})

/** Each fault switch, on one service's canary alone. */
describe("a release that is not", () => {
  it("answers 5 % of all requests with an error: what its users meet shows it, where its smoke checks do not", async () => {
    const faults = { frontend: { FAULT_ERROR_RATE: "0.05" }, backend: { FAULT_ERROR_RATE: "0.05" } }
    const before = test.pods()
    // Eleven checks find it in four of ten releases, before any user does: those say nothing of the judge.
    for (let release = 1, isJudged = false; !isJudged; release += 1) {
      const ended = await test.deploy(await test.nextCommit(), { faults })
      expect([ended.status, release <= 6], ended.output).toEqual([1, true])
      isJudged = /errors(?: of \w+)?: canary \d+ of \d+ \([\d.]+ %\) errors, stable 0 of \d+ .*(?:worse than stable|over the limit)/.test(closingLine(ended))
      if (!isJudged) expect(closingLine(ended)).toMatch(/smoke: .*injected_fault/)
      expect([test.weight(), test.tracks(), test.pods()]).toEqual([0, ["stable"], before])
    }
  })

  it.each<[string, CanarySettings["faults"], RegExp]>([
    ["is slow", { backend: { FAULT_LATENCY_MS: "1500" } }, /latency(?: of backend)?: canary \d+ of \d+ \([\d.]+ %\) slow answers/],
    ["crashes under its traffic", { backend: { FAULT_CRASH_AFTER_SECONDS: "18" } }, /errors(?: of backend)?: canary \d+ of \d+|pod \S+backend-canary\S+ has crashed under its traffic|crash loop: pod \S+backend-canary/],
    ["is never ready", { backend: { FAULT_NEVER_READY: "true" } }, /ready: probe: pod docuthinker-backend-canary-\S+: runs but is not ready/],
    ["is slow in ai-ml alone, which no route leads to", { "ai-ml": { FAULT_LATENCY_MS: "1500" } }, /latency(?: of backend)?: canary \d+ of \d+ \([\d.]+ %\) slow answers, stable \d+ of/],
    ["answers with errors in ai-ml alone", { "ai-ml": { FAULT_ERROR_RATE: "0.9" } }, /smoke: .*ai-ml makes a summary.*got 500|errors(?: of backend)?: canary/],
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

