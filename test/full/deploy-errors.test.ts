// A release that passes its smoke checks and fails its users: seen in the gateway's counters on the lasting cluster, and taken back.
import { setTimeout as wait } from "node:timers/promises"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { closingLine } from "../support/daggerw.js"
import type { FaultyDeployment } from "../support/fault-tree.js"
import { GATEWAY, openStaging, PROMETHEUS, type Staging } from "../support/staging.js"
import { steadyRequests, type SteadyRequests } from "../support/steady-requests.js"

let staging: Staging
let requests: SteadyRequests | null = null
let version = 0

/** With users on a page that no smoke check asks for. */
const deploy = (env: Readonly<Record<string, string>> = {}, environment: FaultyDeployment["environment"] = { prometheus: PROMETHEUS }) =>
  staging.deploy({ env: { VERSION: String((version += 1)), ...env }, environment })

async function busyMinute(): Promise<void> {
  requests = steadyRequests(`${GATEWAY}busy`, 50, "hello")
  await wait(10_000)
}

beforeAll(async () => {
  staging = await openStaging("hello-errors")
})
afterAll(() => staging.close())
afterEach(async () => {
  await requests?.stop()
  requests = null
})

describe("the errors of a release that has just been deployed", () => {
  it("are not looked at when it is the first one, and not judged when nobody asks for anything", async () => {
    const first = await deploy()
    expect(first.status, first.output).toBe(0)
    expect(first.output).not.toMatch(/errors (not|\d)/)
    const quiet = await deploy()
    expect(quiet.status, quiet.output).toBe(0)
    expect(quiet.output).toMatch(/errors 0 of \d+ \(0 %\) in \d+ s|errors not judged: no request came in \d+ s/)
  })

  it("are none of a good release", async () => {
    await busyMinute()
    const ended = await deploy()
    expect(ended.status, ended.output).toBe(0)
    const counted = Number(/errors 0 of (\d+) \(0 %\) in 12 s/.exec(ended.output)?.[1])
    expect(counted, ended.output).toBeGreaterThan(300)
  })

  it("take a bad one back, by counts, although every smoke check has passed", async () => {
    await busyMinute()
    const before = staging.revisions().at(-1)?.version
    const ended = await deploy({ FAULT_BUSY: "1" })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(new RegExp(`errors \\d+ of \\d+ \\(\\d{2,3} %\\) in \\d+ s, limit 1.0 %, before it 0 of \\d+ \\(0 %\\); rolled back to revision ${before} `))
    const page = await fetch(`${GATEWAY}busy`)
    expect(page.status).toBe(200)
  })

  it("are not judged when Prometheus is gone, or the environment has none, and both are said", async () => {
    const without = await deploy({}, {})
    expect(without.status, without.output).toBe(0)
    expect(without.output).toContain("errors not judged: the environment has no `prometheus`")
    const gone = await deploy({}, { prometheus: PROMETHEUS.replace(/\d+$/, "30099") })
    expect(gone.status, gone.output).toBe(0)
    expect(gone.output).toContain("errors not judged: Prometheus cannot be asked")
  })
})
