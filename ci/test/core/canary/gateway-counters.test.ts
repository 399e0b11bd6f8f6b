import { describe, expect, it } from "vitest"
import { countInterval, type CounterSnapshot } from "../../../src/core/canary/counts.js"
import { gatewayQuery, gatewaySnapshot } from "../../../src/core/canary/gateway-counters.js"
import type { RawSeries } from "../../../src/core/canary/raw-series.js"

const PLACE = { namespace: "shop", route: "web", services: { api: { stable: "web-api", canary: "web-api-canary" } }, others: ["web-docs"], latencyMs: 500 }
const label = (service: string): string => `shop-${service}-http-80@kubernetesgateway`
const ROUTER = "httproute-shop-web-gw-gateway-public-ep-web-0-abc-wrr@kubernetesgateway"

const series = (name: string, labels: Readonly<Record<string, string>>, value: string | number, at = 100): RawSeries => ({ metric: { __name__: name, instance: "traefik:9100", ...labels }, values: [[at - 2, "0"], [at, String(value)]] })
const requests = (service: string, code: string, value: string | number, at = 100): RawSeries => series("traefik_service_requests_total", { service: label(service), code }, value, at)
const bucket = (service: string, code: string, le: string, value: string | number, at: number): RawSeries => series("traefik_service_request_duration_seconds_bucket", { service: label(service), code, le }, value, at)
/** Requests of which so many were within the limit. */
const answers = (service: string, code: string, value: string | number, fast = Number(value), at = 100): RawSeries[] => [requests(service, code, value, at), bucket(service, code, "+Inf", value, at), bucket(service, code, "0.5", fast, at)]
const routed = (value: number, at = 100): RawSeries => series("traefik_router_requests_total", { service: ROUTER, code: "503" }, value, at)
const counted = (before: CounterSnapshot, after: CounterSnapshot) => countInterval(before, after, 10)

describe("the gateway's counters", () => {
  it("are asked for in one question, so that they are of one scrape", () => {
    expect(gatewayQuery(PLACE)).toBe(
      '{__name__=~"traefik_service_requests_total|traefik_service_request_duration_seconds_bucket|traefik_router_requests_total|traefik_config_reloads_total",service=~"shop-web-api-http-80@kubernetesgateway|shop-web-api-canary-http-80@kubernetesgateway|shop-web-docs-http-80@kubernetesgateway|httproute-shop-web-gw-.*|",le=~"0[.]5|[+]Inf|"}[150s]',
    )
  })

  it("are found by a limit of whole seconds too, however the label is written", () => {
    expect(gatewayQuery({ ...PLACE, latencyMs: 1000 })).toContain('le=~"1|1[.]0|[+]Inf|"')
  })

  it("are sorted by version; errors are the 5xx, slow is what is in no fast bucket", () => {
    const before = gatewaySnapshot([...answers("web-api", "200", 100, 100, 90)], PLACE, null)
    const after = gatewaySnapshot([...answers("web-api", "200", 190, 185), ...answers("web-api-canary", "200", 8), ...answers("web-api-canary", "502", 2, 1)], PLACE, before)
    expect(after.atSeconds).toBe(100)
    expect(counted(before, after)).toMatchObject({ kind: "counted", counts: { canary: { requests: 10, errors: 2, slow: 1 }, stable: { requests: 90, errors: 0, slow: 5 } } })
  })

  it("hold the gateway's own 503s, which no service has counted, against the canary", () => {
    const before = gatewaySnapshot([...answers("web-api", "200", 100, 100, 90), routed(3, 90)], PLACE, null)
    // Two of the 503s of the router were an answer of the canary itself.
    const after = gatewaySnapshot([...answers("web-api", "200", 190), ...answers("web-api-canary", "503", 2), routed(12)], PLACE, before)
    expect(counted(before, after)).toMatchObject({ kind: "counted", counts: { canary: { requests: 9, errors: 9 } } })
  })

  it("do not take a moment's difference between two counters for a reset", () => {
    const before = gatewaySnapshot([...answers("web-api", "200", 100, 100, 90), routed(40, 90)], PLACE, null)
    // The service has counted its 503 already, the router has not yet.
    const after = gatewaySnapshot([...answers("web-api", "200", 100), ...answers("web-api", "503", 1), routed(40)], PLACE, before)
    expect(counted(before, after)).toMatchObject({ kind: "counted", counts: { canary: { requests: 0, errors: 0 }, stable: { errors: 1 } } })
  })

  it("hold them against stable where stable is what has no endpoint", () => {
    const before = gatewaySnapshot([...answers("web-api", "200", 900, 900, 90), ...answers("web-api-canary", "200", 100, 100, 90)], PLACE, null)
    const after = gatewaySnapshot([...answers("web-api", "200", 900), ...answers("web-api-canary", "200", 200), routed(900)], PLACE, before)
    expect(counted(before, after)).toMatchObject({ counts: { canary: { requests: 100, errors: 0 }, stable: { requests: 900, errors: 900 } } })
  })

  it("know the 503s of a service that has no track for what they are: its own", () => {
    const before = gatewaySnapshot([...answers("web-api", "200", 900, 900, 90), ...answers("web-docs", "200", 1, 1, 90)], PLACE, null)
    const after = gatewaySnapshot([...answers("web-api", "200", 990), ...answers("web-docs", "503", 60), routed(60)], PLACE, before)
    expect(counted(before, after)).toMatchObject({ counts: { canary: { requests: 0, errors: 0 }, stable: { requests: 90, errors: 0 } } })
  })

  it("begin anew with the gateway", () => {
    const before = gatewaySnapshot([...answers("web-api", "200", 100, 100, 90), routed(40, 90)], PLACE, null)
    const after = gatewaySnapshot([...answers("web-api", "200", 5), routed(2)], PLACE, before)
    expect(counted(before, after)).toMatchObject({ kind: "counted", counts: { canary: { errors: 1 }, stable: { requests: 6, errors: 1 } } })
  })

  it("say that latency is not measured where the histogram has no such bucket", () => {
    expect(gatewaySnapshot([requests("web-api", "200", 100), bucket("web-api", "200", "+Inf", 100, 100)], PLACE, null).stable["api"]?.times).toBeNull()
  })

  it("are data of nobody's requests when the gateway has begun anew and nobody has asked since", () => {
    const before = gatewaySnapshot(answers("web-api", "200", 100, 100, 90), PLACE, null)
    const after = gatewaySnapshot([series("traefik_config_reloads_total", {}, 1)], PLACE, before)
    expect(counted(before, after)).toMatchObject({ kind: "counted", counts: { canary: { requests: 0 }, stable: { requests: 0 } } })
  })

  it("tell how far apart scrapes are", () => {
    expect(gatewaySnapshot(answers("web-api", "200", 100), PLACE, null).scrapeSeconds).toBe(2)
    expect(gatewaySnapshot([{ metric: { __name__: "x" }, values: [[100, "1"]] }], PLACE, null).scrapeSeconds).toBeNull()
  })

  it.each([["NaN"], ["+Inf"]])("are no data with a %s among them", (value) => {
    const before = gatewaySnapshot([...answers("web-api", "200", 100, 100, 90)], PLACE, null)
    expect(counted(before, gatewaySnapshot(answers("web-api", "200", value, 100), PLACE, before)).kind).toBe("no-data")
  })

  it("are no data when there are none, or none newer", () => {
    const before = gatewaySnapshot(answers("web-api", "200", 100), PLACE, null)
    expect(counted(before, gatewaySnapshot([], PLACE, before)).kind).toBe("no-data")
    expect(counted(before, before)).toMatchObject({ kind: "no-data", reason: expect.stringMatching(/^stale/) })
  })
})
