// Blue/green on the lasting cluster.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { GATEWAY, SHORT_CANARY } from "../support/canary-cluster.js"
import { closingLine } from "../support/daggerw.js"
import { ProductOnCluster } from "../support/product-on-cluster.js"
import { steadyRequests } from "../support/steady-requests.js"

const test = new ProductOnCluster({ namespace: "canary-colours", prefix: "ca5" })

beforeAll(() => test.upWithFirst())
afterAll(() => test.down())

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
