// Blue/green on the lasting cluster.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { GATEWAY, SHORT_CANARY } from "../support/canary-cluster.js"
import { closingLine } from "../support/daggerw.js"
import { killAt, wait } from "../support/command.js"
import { watchObjects } from "../support/kube-watch.js"
import { ProductOnCluster, RELEASE, trackWeight, type HttpRoute } from "../support/product-on-cluster.js"
import { servingEndpoints } from "../support/serving-endpoints.js"
import { steadyRequests } from "../support/steady-requests.js"

const test = new ProductOnCluster({ namespace: "canary-colours", prefix: "ca5" })

beforeAll(() => test.upWithFirst())
afterAll(() => test.down())

describe("blue/green", () => {
  const strategy = { blueGreen: { watchSeconds: 5, keepSeconds: 5, maximumSeconds: 90, intervalSeconds: 2, slo: SHORT_CANARY.slo, inconclusive: "rollback", traffic: SHORT_CANARY.traffic } }

  /** The weights of the idle colour on the route, as they change. */
  const watchWeights = () => {
    const seen: number[] = []
    const { close } = watchObjects<HttpRoute>(test.kubeconfigFile, ["httproute", RELEASE, "-n", test.namespace], (route) => {
      const weight = trackWeight(route)
      if (weight !== seen.at(-1)) seen.push(weight)
    })
    return { seen, close }
  }

  it("switches all of the traffic in one write, keeps the old colour for its time, and loses no request", async () => {
    const commit = await test.nextCommit()
    const requests = steadyRequests(GATEWAY, 50, "DocuThinker")
    const [weights, endpoints] = [watchWeights(), servingEndpoints(test, "frontend")]
    // Longer than a jump of the clock may be.
    const running = test.start(commit, { strategy: { blueGreen: { ...strategy.blueGreen, keepSeconds: 70 } } })
    await running.says(": keep")
    const kept = Date.now()
    await running.says(": remove")
    expect([Date.now() - kept > 68_000, Date.now() - kept < 85_000]).toEqual([true, true])
    const ended = await running.ended
    for (const { close } of [weights, endpoints]) close()
    expect((await requests.stop()).failed).toEqual([])
    expect(ended.status, ended.output).toBe(0)
    expect([test.tracks(), test.pods().includes(commit)]).toEqual([["green"], true])
    // All at once, and 0 again when both names lead to the new colour.
    expect(weights.seen).toEqual([0, 100, 0])
    expect(Math.min(...endpoints.counts)).toBe(endpoints.counts[0])
  })

  it("deployed again changes nothing", async () => {
    const [commit, before] = [/green (\w+)/.exec(test.pods())?.[1] ?? "", test.revisions()]
    const ended = await test.deploy(commit, { strategy })
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toContain("runs this release already: nothing was changed")
    expect([test.revisions(), test.tracks()]).toEqual([before, ["green"]])
  })

  it("goes back by one call while the old colour is kept, and loses no request", async () => {
    const before = test.pods()
    const requests = steadyRequests(GATEWAY, 50, "DocuThinker")
    const running = test.start(await test.nextCommit(), { strategy: { blueGreen: { ...strategy.blueGreen, keepSeconds: 600 } } })
    await running.says(": keep")
    const back = await test.onStaging(test.first, "canary-abort", "--by=ada", "--reason=orders look wrong")
    expect(back.status, back.output).toBe(0)
    const ended = await running.ended
    expect((await requests.stop()).failed).toEqual([])
    expect(ended.status, ended.output).toBe(1)
    expect([test.weight(), test.pods()]).toEqual([0, before])
  })

  it("whose run is killed while the old colour is kept keeps the traffic, and is ended by the next call", async () => {
    const commit = await test.nextCommit()
    await killAt(test.start(commit, { strategy: { blueGreen: { ...strategy.blueGreen, keepSeconds: 75 } } }), ": keep")
    // Nobody is there to renew a deadline, and none is set.
    await wait(65)
    expect(test.weight()).toBe(100)
    const ended = await test.onStaging(commit, "deploy")
    expect(ended.status, ended.output).toBe(0)
    expect([test.phase(), test.tracks(), test.pods().includes(commit)]).toEqual(["promoted", ["blue"], true])
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

describe("a canary beside a colour that is live", () => {
  it("ends on stable with every service, and no request is lost, also not of those that have not changed", async () => {
    const [requests, api] = [steadyRequests(GATEWAY, 30, "DocuThinker"), steadyRequests(new URL("/api/documents", GATEWAY).href, 20, "[")]
    const commit = await test.nextCommit()
    // Of the frontend alone.
    const ended = await test.deploy(commit, { env: { frontend: { CHANGED: "yes" } } })
    expect([(await requests.stop()).failed, (await api.stop()).failed]).toEqual([[], []])
    expect(ended.status, ended.output).toBe(0)
    expect([test.tracks(), test.weight()]).toEqual([["stable"], 0])
    expect(ended.output).toMatch(/services? .*frontend.*backend.*ai-ml|frontend, backend, ai-ml as track canary beside (blue|green)/)
  })
})
