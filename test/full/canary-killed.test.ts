// Canaries on the lasting cluster whose pipeline is killed: at each line, on the way back, and left alone.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { GATEWAY, SHORT_CANARY } from "../support/canary-cluster.js"
import { killAt, wait } from "../support/command.js"
import { closingLine } from "../support/daggerw.js"
import { ProductOnCluster, RELEASE } from "../support/product-on-cluster.js"
import { steadyRequests, type SteadyRequests } from "../support/steady-requests.js"

const test = new ProductOnCluster({ namespace: "canary-killed", prefix: "ca4" })

beforeAll(() => test.upWithFirst())
afterAll(() => test.down())

/** The commit of whoever answers a request with these headers. */
async function answeredBy(headers: Readonly<Record<string, string>>): Promise<string> {
  const answer = await fetch(new URL("/health/live", GATEWAY), { headers, signal: AbortSignal.timeout(10_000) })
  return ((await answer.json()) as { version: string }).version
}

describe("a pipeline that is killed", () => {
  let requests: SteadyRequests
  beforeEach(() => {
    requests = steadyRequests(GATEWAY, 50, "DocuThinker")
  })
  afterEach(async () => expect((await requests.stop()).failed).toEqual([]))

  it("at any line, one after the other, is taken up by the next call with all of its evidence, and ended by the last", async () => {
    const commit = await test.nextCommit()
    let requests = 0
    for (const line of [": scale", ": ready", ": smoke", ": weight", "25 %: observed", "100 %: ready", "100 %: no request yet", ": update-stable", ": observe-return", ": remove"]) {
      const running = test.start(commit)
      await killAt(running, line)
      const counted = test.countedRequests()
      expect([line, counted >= requests]).toEqual([line, true])
      requests = counted
    }
    const ended = await test.onStaging(commit, "deploy")
    expect(ended.status, ended.output).toBe(0)
    expect([test.phase(), test.weight(), test.tracks()]).toEqual(["promoted", 0, ["stable"]])
    expect(test.pods()).toContain(commit)
  })

  it("on the way back is taken up too: what was to be taken back is", async () => {
    const faults = { backend: { FAULT_LATENCY_MS: "1500" } }
    const commit = await test.nextCommit()
    const before = test.pods()
    for (const line of ["failed: ", ": drain", ": prove-stable"]) await killAt(test.start(commit, { faults }), line)
    const ended = await test.deploy(commit, { faults })
    expect(ended.status, ended.output).toBe(1)
    expect([test.phase(), test.weight(), test.pods()]).toEqual(["aborted", 0, before])
  })

  it("leaves no traffic on the canary: the cluster takes it away by itself, and another release is refused until somebody ends this one", async () => {
    const before = await answeredBy({})
    const commit = await test.nextCommit()
    const running = test.start(commit, { strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 300, maximumSeconds: 600 }] } } })
    const killed = await killAt(running, "25 %: observed")
    expect(test.weight()).toBe(25)
    while (test.weight() !== 0 && Date.now() - killed < 90_000) await wait(1)
    expect([test.weight(), Date.now() - killed < 75_000]).toEqual([0, true])
    // Its rights are for this one route, and for nothing else.
    const may = (verb: string, what: string): string => test.kubectl("auth", "can-i", verb, what, "-n", test.namespace, `--as=system:serviceaccount:${test.namespace}:${RELEASE}-switch`).trim()
    const asked = ([verb, what]: readonly [string, string]): string => { try { return may(verb, what) } catch (error) { return String((error as { stdout: string }).stdout).trim() } }
    expect(([["get", `httproutes/${RELEASE}`], ["patch", `httproutes/${RELEASE}`]] as const).map(asked)).toEqual(["yes", "yes"])
    expect(([["list", "httproutes"], ["update", `httproutes/${RELEASE}`], ["delete", `httproutes/${RELEASE}`], ["patch", "httproutes/other"], ["get", "secrets"], ["get", "pods"], ["patch", "deployments"]] as const).map(asked)).toEqual(Array(7).fill("no"))
    // The canary is still there, at weight 0: who wants it reaches it, by header and by cookie, and nobody else does.
    expect(await Promise.all([answeredBy({ "x-delivery-track": "canary" }), answeredBy({ cookie: "delivery-track=canary" }), answeredBy({}), answeredBy({ cookie: "other=canary" })])).toEqual([commit, commit, before, before])
    const other = await test.onStaging(await test.nextCommit(), "deploy")
    expect(other.status, other.output).toBe(2)
    expect(closingLine(other)).toMatch(/expected no other rollout here/)
    const aborted = await test.onStaging(test.first, "canary-abort", "--reason=its run was killed")
    expect(aborted.status, aborted.output).toBe(0)
    expect([test.phase(), test.tracks()]).toEqual(["aborted", ["stable"]])
  })
})

