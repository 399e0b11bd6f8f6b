// Canaries by the annotations of ingress-nginx, on the lasting cluster. The controller itself is retired and in no package registry: a Traefik that
// reads its annotations carries the weights, and the services count for themselves, since Traefik counts under other names.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { NGINX_WEIGHT } from "../../ci/src/core/route/canary-ingress.js"
import { closingLine } from "../support/daggerw.js"
import { killAt, wait } from "../support/command.js"
import { annotationsImage } from "../support/nginx-annotations.js"
import { RELEASE } from "../support/product-on-cluster.js"
import { ENTRANCE_URL, RouterTest, shortCanary, shortSteps } from "../support/router-environment.js"
import { steadyRequests } from "../support/steady-requests.js"

const NAMESPACE = "nginx-test"
const BY_INGRESS = shortCanary({ router: "nginx", requestMetric: {}, steps: shortSteps(25, 100) })
const test = new RouterTest({ namespace: NAMESPACE, strategy: BY_INGRESS, prefix: "ca7", replicas: 1, controller: "nginx", images: async () => ({ traefik: await annotationsImage() }) })

interface IngressObject {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
}
/** The weight of the canary's Ingress; null while there is none. */
const weight = (): number | null => {
  const found = test.kubectl("get", "ingress", `${RELEASE}-canary`, "-n", NAMESPACE, "--ignore-not-found", "-o", "json")
  return found === "" ? null : Number((JSON.parse(found) as IngressObject).metadata.annotations?.[NGINX_WEIGHT] ?? 0)
}
/** What the canary's pages have answered, by its own counters. */
const answered = (): number => {
  const metrics = test.kubectl("get", "--raw", `/api/v1/namespaces/${NAMESPACE}/services/${RELEASE}-frontend-canary:80/proxy/metrics`)
  return [...metrics.matchAll(/^http_request_duration_seconds_count\{[^}]*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
}

beforeAll(() => test.up())
afterAll(() => test.down())

describe("an Ingress of ingress-nginx", () => {
  it("a first release has no canary beside it", async () => {
    const ended = await test.deploy(test.first)
    expect(ended.status, ended.output).toBe(0)
    expect(weight()).toBeNull()
  })

  it("carries a release that is well to its end, says that it is legacy, and loses no request", async () => {
    const commit = await test.nextCommit()
    const requests = steadyRequests(`${ENTRANCE_URL}/`, 30, "DocuThinker")
    const ended = await test.deploy(commit)
    const { sent, failed } = await requests.stop()
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/router nginx is a legacy adapter: ingress-nginx was retired and archived in March 2026/)
    expect(ended.output).toMatch(/step 1 of 2, 25 %: observed [23][0-9] %/)
    expect(ended.output).toMatch(/canary +staging +passed .*promoted after \d+ s, 25 → 100 %/)
    expect([sent > 300, failed]).toEqual([true, []])
    expect(test.pods().split("\n").every((line) => line.endsWith(`stable ${commit}`))).toBe(true)
    expect(weight()).toBeNull()
  })

  it("switches between colours, one Ingress beside the release's at a time, and loses no request", async () => {
    const { slo, traffic, requestMetric } = BY_INGRESS as Record<string, unknown>
    const blueGreen = { router: "nginx", requestMetric, watchSeconds: 5, keepSeconds: 2, maximumSeconds: 90, intervalSeconds: 2, slo, inconclusive: "rollback", traffic }
    for (const colour of ["green", "blue"]) {
      const commit = await test.nextCommit()
      const requests = steadyRequests(`${ENTRANCE_URL}/`, 30, "DocuThinker")
      const ended = await test.deploy(commit, { strategy: { blueGreen } })
      expect((await requests.stop()).failed).toEqual([])
      expect(ended.status, ended.output).toBe(0)
      expect(test.pods().split("\n").every((line) => line.endsWith(`${colour} ${commit}`))).toBe(true)
      expect(test.kubectl("get", "ingress", "-n", NAMESPACE, "-o", "name").trim()).toBe(`ingress.networking.k8s.io/${RELEASE}`)
    }
    // Back on stable for who comes next.
    const back = await test.deploy(await test.nextCommit())
    expect(back.status, back.output).toBe(0)
  })

  it("takes back one that answers 5 % of all requests with an error", async () => {
    const before = test.pods()
    const ended = await test.deploy(await test.nextCommit(), { faults: { frontend: { FAULT_ERROR_RATE: "0.05" }, backend: { FAULT_ERROR_RATE: "0.05" } } })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/errors(?: of \w+)?: canary \d+ of \d+ \([\d.]+ %\) errors, stable 0 of|smoke: .*injected_fault/)
    expect([weight(), test.pods()]).toEqual([null, before])
  })

  it("has a track that the header reaches at weight 0, and a switch that takes its weight away when nobody leads it", async () => {
    const running = test.start(await test.nextCommit(), { strategy: { canary: { ...BY_INGRESS, steps: [{ weightPercent: 25, holdSeconds: 300, maximumSeconds: 600 }] } } })
    const killed = await killAt(running, "25 %: observed")
    expect(weight()).toBe(25)
    while (weight() !== 0 && Date.now() - killed < 90_000) await wait(1)
    expect([weight(), Date.now() - killed < 75_000]).toEqual([0, true])
    await wait(5)
    const ask = async (headers: Record<string, string>): Promise<number> => {
      const before = answered()
      const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await fetch(`${ENTRANCE_URL}/`, { headers })).status))
      expect(statuses).toEqual(Array.from({ length: 20 }, () => 200))
      return answered() - before
    }
    expect([await ask({}), await ask({ "x-delivery-track": "canary" }), await ask({ "x-delivery-track": "blue" })]).toEqual([0, 20, 0])
    const aborted = await test.onStaging(test.first, "canary-abort", "--reason=its run was killed")
    expect(aborted.status, aborted.output).toBe(0)
    expect([weight(), test.pods().includes("canary")]).toEqual([null, false])
  })
})
