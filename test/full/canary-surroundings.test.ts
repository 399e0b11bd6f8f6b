// Canaries on the lasting cluster: what goes wrong around a release, and what too little traffic does.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { GATEWAY, SHORT_CANARY } from "../support/canary-cluster.js"
import { closingLine } from "../support/daggerw.js"
import { ProductOnCluster, RELEASE } from "../support/product-on-cluster.js"
import { steadyRequests } from "../support/steady-requests.js"

const test = new ProductOnCluster({ namespace: "canary-surroundings", prefix: "ca2" })

beforeAll(() => test.upWithFirst())
afterAll(() => test.down())

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
    const shadow = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name: "shadow", namespace: test.namespace }, spec: { parentRefs: [{ name: "public", namespace: "gateway" }], hostnames: ["10.90.0.2"], rules: ["GET", "POST"].map(rule) } }
    test.apply(shadow)
    const ended = await test.deploy(await test.nextCommit()).finally(() => test.kubectl("delete", "httproute", "shadow", "-n", test.namespace))
    expect(ended.status, ended.output).toBe(2)
    // A longer path goes before a method, so what is asked of the other services still follows the weights.
    expect(closingLine(ended)).toMatch(/the router does not give the weight that it was told: asked for 25 %, observed (\d|1\d) %/)
  })

  it("a stable that is as ill as the canary is inconclusive: nothing shows that the release is the cause", async () => {
    test.kubectl("set", "env", "-n", test.namespace, `deployment/${RELEASE}-backend`, "FAULT_LATENCY_MS=1500")
    test.kubectl("rollout", "status", "-n", test.namespace, `deployment/${RELEASE}-backend`, "--timeout=120s")
    const ended = await test.deploy(await test.nextCommit(), { faults: { backend: { FAULT_LATENCY_MS: "1500" } }, strategy: { canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 25 }] } } })
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/stable breaks it too, so nothing shows that this release is the cause/)
  })

  it("a gateway that starts again counts anew, which is neither a burst of errors nor a loss of what was counted", async () => {
    const running = test.start(await test.nextCommit())
    await running.says("25 %: observed")
    test.kubectl("delete", "pods", "-n", "gateway", "-l", "app.kubernetes.io/name=traefik", "--wait=false")
    const ended = await running.ended
    test.kubectl("rollout", "status", "-n", "gateway", "deployment/traefik", "--timeout=120s")
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/promoted after \d+ s, 25 → 100 %/)
  })
})

describe("too little traffic", () => {
  const quiet = (more: object): object => ({ canary: { ...SHORT_CANARY, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 12 }], ...more } })

  it("no request at all is inconclusive, and never a pass", async () => {
    const { traffic: _, ...nobody } = SHORT_CANARY
    const ended = await test.deploy(await test.nextCommit(), { strategy: { canary: { ...nobody, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 20 }] } } })
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/too few to know the weight/)
    expect([test.weight(), test.tracks()]).toEqual([0, ["stable"]])
  })

  it("is made up by requests of our own to the canary alone, where that is wanted, and they are called synthetic", async () => {
    const requests = steadyRequests(GATEWAY, 5, "DocuThinker")
    const ended = await test.deploy(await test.nextCommit(), { strategy: quiet({ inconclusive: "synthesize", traffic: { ...SHORT_CANARY.traffic, always: false } }) })
    expect((await requests.stop()).failed).toEqual([])
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/k6 sends 60 requests a second to canary alone: synthetic traffic/)
    expect(ended.output).toMatch(/25 %: .*, with requests of our own/)
    expect(ended.output).toMatch(/synthetic traffic: \d+ requests, 0 failed/)
  })

  it("is waited for, where that is wanted, and the rollout goes on by itself when it comes", async () => {
    const { traffic: _, ...visitors } = SHORT_CANARY
    const running = test.start(await test.nextCommit(), { strategy: { canary: { ...visitors, steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 12 }], inconclusive: "hold" } } })
    const few = steadyRequests(GATEWAY, 5, "DocuThinker")
    await running.says(", held")
    expect(test.weight()).toBe(25)
    // Every service must have been asked.
    const many = [steadyRequests(GATEWAY, 40, "DocuThinker"), steadyRequests(new URL("/api/documents", GATEWAY).href, 20, "[")]
    const ended = await running.ended
    expect(await Promise.all([few, ...many].map(async (one) => (await one.stop()).failed))).toEqual([[], [], []])
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toMatch(/promoted after \d+ s, 25 → 100 %/)
  })
})
