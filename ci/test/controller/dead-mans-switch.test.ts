import { createServer, type Server } from "node:http"
import { afterEach, describe, expect, it } from "vitest"
import { lookOnce, watchRoute, type SwitchHealth } from "../../controller/src/switch/dead-mans-switch.js"
import { KubeConfig, routeClient, serverTime, type RouteClient } from "../../controller/src/switch/route-client.js"
import type { HttpRoute } from "../../src/core/route/http-route.js"
import { ROUTE_CARRIER } from "../../src/core/route/weight-carrier.js"

const RULES = [{ backendRefs: [{ name: "shop-web", weight: 75 }, { name: "shop-web-canary", weight: 25 }] }]
const NOW = "2026-11-23T19:00:00.000Z"
const route = (deadline?: string): HttpRoute => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "shop", namespace: "shop-prod", resourceVersion: "7", annotations: deadline === undefined ? {} : { "delivery.dev/canary-deadline": deadline } },
  spec: { rules: RULES },
})
const OVERDUE = route("2026-11-23T18:59:59Z")

/** Answers in turn, and then as the last time; an Error is thrown. */
function client(looks: readonly (HttpRoute | Error)[], outcomes: readonly ("applied" | "conflict")[] = ["applied"]) {
  const calls = { reads: 0, applied: [] as object[] }
  const inTurn = <Item>(items: readonly Item[], index: number): Item => items[Math.min(index, items.length - 1)] as Item
  const fake: RouteClient = {
    carrier: ROUTE_CARRIER,
    read: async () => {
      const look = inTurn(looks, calls.reads++)
      if (look instanceof Error) throw look
      return { route: look, now: NOW }
    },
    apply: async (change) => inTurn(outcomes, calls.applied.push(change) - 1),
  }
  return { fake, calls }
}

describe("a look of the dead man's switch", () => {
  it("writes nothing while the deadline is ahead, and counts as a look", async () => {
    const health: SwitchHealth = { seenAt: null }
    const { fake, calls } = client([route("2026-11-23T19:00:30Z")])
    await lookOnce(fake, health, () => undefined)
    expect(calls.applied).toEqual([])
    expect(health.seenAt).not.toBeNull()
  })

  it("takes the traffic away when it has passed, and says why", async () => {
    const said: string[] = []
    const { fake, calls } = client([OVERDUE])
    await lookOnce(fake, { seenAt: null }, (line) => said.push(line))
    expect(calls.applied).toMatchObject([{ metadata: { resourceVersion: "7" }, spec: { rules: [{ backendRefs: [{ weight: 100 }, { weight: 0 }] }] } }])
    expect(said).toEqual([expect.stringMatching(/^all requests go to the live track: nobody has renewed the deadline 2026-11-23T18:59:59Z/)])
  })

  it("that could not be had is no look", async () => {
    const health: SwitchHealth = { seenAt: null }
    await expect(lookOnce(client([new Error("refused")]).fake, health, () => undefined)).rejects.toThrow("refused")
    expect(health.seenAt).toBeNull()
  })
})

describe("the watch", () => {
  async function watched(fake: RouteClient, until: () => boolean): Promise<readonly string[]> {
    const said: string[] = []
    const stop = new AbortController()
    const ended = watchRoute(fake, { seenAt: null }, 1, stop.signal, (line) => said.push(line))
    await expect.poll(until, { interval: 1 }).toBe(true)
    stop.abort()
    await ended
    return said
  }

  it("reads again after somebody else has written", async () => {
    const { fake, calls } = client([OVERDUE, OVERDUE, route()], ["conflict", "applied"])
    const said = await watched(fake, () => calls.reads > 3)
    expect(calls.applied).toHaveLength(2)
    expect(said).toEqual([expect.stringMatching(/^all requests go to the live track/)])
  })

  it("says so when it never gets its turn", async () => {
    const { fake, calls } = client([OVERDUE], ["conflict"])
    await expect(lookOnce(fake, { seenAt: null }, () => undefined)).rejects.toThrow(/of 5 writes none was made/)
    expect(calls.applied).toHaveLength(5)
  })

  it("goes on after trouble, which it tells once, and then that it is over", async () => {
    const { fake, calls } = client([new Error("no route to host"), new Error("no route to host"), OVERDUE, route()])
    const said = await watched(fake, () => calls.reads > 4)
    expect(said).toEqual(["the route cannot be looked after: no route to host", expect.stringMatching(/^all requests go to/), "the route is seen again"])
  })

  it("ends when it is told to, in the middle of its pause", async () => {
    const stop = new AbortController()
    const ended = watchRoute(client([route()]).fake, { seenAt: null }, 60_000, stop.signal, () => undefined)
    stop.abort()
    await ended
  })
})

describe("the client", () => {
  let server: Server | undefined
  afterEach(() => server?.close())
  async function serving(answer: (path: string, type: string) => { status: number; date?: string; body: object }) {
    server = createServer((request, response) => {
      const { status, date, body } = answer(request.url ?? "", request.headers["content-type"] ?? "")
      response.sendDate = false
      if (date !== undefined) response.setHeader("Date", date)
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
    })
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve))
    const address = server.address()
    const config = new KubeConfig()
    config.loadFromClusterAndUser({ name: "c", server: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`, skipTLSVerify: true }, { name: "u" })
    return routeClient(config, "shop-prod", "shop")
  }

  it("has its time from the answer", async () => {
    const read = (await serving(() => ({ status: 200, date: "Mon, 23 Nov 2026 19:00:00 GMT", body: OVERDUE }))).read()
    await expect(read).resolves.toEqual({ route: OVERDUE, now: NOW })
  })

  it("says so when the answer has none: its own clock may be another", async () => {
    await expect((await serving(() => ({ status: 200, body: OVERDUE }))).read()).rejects.toThrow(/no readable Date header/)
    expect(() => serverTime({ Date: "yesterday" })).toThrow(/\(yesterday\)/)
  })

  it("applies as the canary's field manager, by force, and tells a conflict from other trouble", async () => {
    const asked: string[] = []
    const apply = async (status: number) => (await serving((path, type) => (asked.push(`${path} ${type}`), { status, body: {} }))).apply(OVERDUE)
    await expect(apply(200)).resolves.toBe("applied")
    await expect(apply(409)).resolves.toBe("conflict")
    await expect(apply(403)).rejects.toThrow(/403/)
    expect(asked[0]).toBe("/apis/gateway.networking.k8s.io/v1/namespaces/shop-prod/httproutes/shop?fieldManager=delivery-canary&force=true application/apply-patch+yaml")
  })
})
