import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { counterSource, type CountedRelease } from "../../../src/core/canary/counter-source.js"
import { countInterval, type CounterSnapshot } from "../../../src/core/canary/counts.js"
import type { RawSeries } from "../../../src/core/canary/raw-series.js"

const RELEASE: CountedRelease = { router: "replicas", namespace: "shop-prod", release: "shop", services: ["web", "api"], routed: ["web", "api"], track: "canary", live: "stable", latencyMs: 500, requestMetric: null }
const sample = (metric: Record<string, string>, value: number, at: number): RawSeries => ({ metric, values: [[at - 2, "0"], [at, String(value)]] })
const NOTHING = { web: { requests: {}, errors: {} }, api: { requests: {}, errors: {} } }
const counts = (before: CounterSnapshot, after: CounterSnapshot) => countInterval(before, after, 10)

describe("the counters of the services themselves", () => {
  const source = counterSource(RELEASE)
  const read = (series: readonly RawSeries[]): CounterSnapshot => source.snapshot(series, null)
  const pod = (name: string, code: string, value: number, at = 100, more: Record<string, string> = {}): RawSeries[] => [
    sample({ __name__: "http_request_duration_seconds_count", namespace: "shop-prod", pod: name, code, route: "/", method: "GET", ...more }, value, at),
    sample({ __name__: "http_request_duration_seconds_bucket", namespace: "shop-prod", pod: name, code, route: "/", method: "GET", le: "0.5", ...more }, code === "200" ? value : value - 1, at),
  ]
  const [STABLE, OTHER, CANARY] = ["shop-web-5d8f7c9b6-abcde", "shop-api-6f9b8c7d5-fghij", "shop-web-canary-7c6d5b4f8-klmno"] as const

  it("are asked for by pods and in one question, each version of a number's text", () => {
    expect(source.query).toBe(
      '{__name__=~"http_request_duration_seconds_count|http_request_duration_seconds_bucket",namespace="shop-prod",pod=~"shop-(web|api)-[a-z0-9]+-[a-z0-9]+|shop-(web|api)-canary-[a-z0-9]+-[a-z0-9]+",le=~"0[.]5|"}[150s]',
    )
    expect(counterSource({ ...RELEASE, latencyMs: 1000, live: "green", track: "blue", requestMetric: { histogram: "rpc_seconds", codeLabel: "status" } }).query).toBe(
      '{__name__=~"rpc_seconds_count|rpc_seconds_bucket",namespace="shop-prod",pod=~"shop-(web|api)-green-[a-z0-9]+-[a-z0-9]+|shop-(web|api)-blue-[a-z0-9]+-[a-z0-9]+",le=~"1|1[.]0|"}[150s]',
    )
  })

  it("are sorted by the track of their pods, and added up over services", () => {
    const before = read([...pod(STABLE, "200", 100, 90), ...pod(OTHER, "200", 50, 90)])
    const after = read([...pod(STABLE, "200", 190), ...pod(OTHER, "200", 80), ...pod(CANARY, "200", 38), ...pod(CANARY, "503", 2)])
    expect(after.atSeconds).toBe(100)
    expect(counts(before, after)).toMatchObject({ kind: "counted", counts: { canary: { requests: 40, errors: 2, slow: 1 }, stable: { requests: 120, errors: 0, slow: 0 } } })
  })

  it("are read as a Prometheus gave them, ten seconds apart, while stable's new pods came", () => {
    const { before, after } = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/canary/application-counters.json"), "utf8")) as Record<"before" | "after", readonly RawSeries[]>
    const recorded = counterSource({ ...RELEASE, namespace: "routers-test", release: "docuthinker", services: ["frontend", "backend"], routed: ["frontend", "backend"], latencyMs: 1000 })
    // Added up by hand from the two answers.
    expect(counts(recorded.snapshot(before, null), recorded.snapshot(after, null))).toMatchObject({ kind: "counted", counts: { canary: { requests: 498, errors: 0, slow: 0 }, stable: { requests: 32, errors: 0, slow: 0 } }, resets: [] })
  })

  it("count a pod once that is scraped through two Services", () => {
    const through = (service: string, at: number, value: number) => pod(CANARY, "200", value, at, { service, endpoint: "http", job: service, instance: "10.0.0.7:8080" })
    const before = read(pod(STABLE, "200", 10, 90))
    expect(counts(before, read([...pod(STABLE, "200", 20), ...through("shop-web", 99, 7), ...through("shop-web-canary", 100, 8)]))).toMatchObject({ counts: { canary: { requests: 8 } } })
  })

  it("see nothing of another release, nor of another pod whose name begins alike", () => {
    const strangers = ["shop-web-admin-5d8f7c9b6-abcde", "shop-web-canary-x-7c6d5b4f8-klmno", "shop-worker-5d8f7c9b6-abcde", "big-shop-web-5d8f7c9b6-abcde"].flatMap((name) => pod(name, "500", 99))
    expect(read(strangers)).toMatchObject({ canary: NOTHING, stable: NOTHING })
  })

  it("begin anew with their container, and are no data as NaN", () => {
    const before = read([...pod(STABLE, "200", 100, 90), ...pod(CANARY, "200", 30, 90)])
    expect(counts(before, read([...pod(STABLE, "200", 110), ...pod(CANARY, "200", 4)]))).toMatchObject({ counts: { canary: { requests: 4 } } })
    expect(counts(before, read([...pod(STABLE, "200", Number.NaN)]))).toMatchObject({ kind: "no-data" })
  })

  it("say that latency is not measured where the histogram has no such bucket", () => {
    expect(read([sample({ __name__: "http_request_duration_seconds_count", namespace: "shop-prod", pod: STABLE, code: "200" }, 1, 100)]).stable["web"]?.times).toBeNull()
  })

  it("can be asked for beside a router too", () => {
    expect(counterSource({ ...RELEASE, router: "nginx", requestMetric: { histogram: "rpc_seconds", codeLabel: "status" } }).query).toContain("rpc_seconds_count")
    expect(counterSource({ ...RELEASE, router: "gateway" }).query).toContain("traefik_service_requests_total")
  })
})

describe("the counters of ingress-nginx", () => {
  const source = counterSource({ ...RELEASE, router: "nginx" })
  const read = (series: readonly RawSeries[]): CounterSnapshot => source.snapshot(series, null)
  // As its collector labels them: Ingress and Service are those of the first Ingress, also for what the canary has answered.
  const nginx = (service: string, canary: string, status: string, value: number, at = 100, more: Record<string, string> = {}): RawSeries[] => {
    const labels = { controller_class: "k8s.io/ingress-nginx", controller_namespace: "ingress-nginx", controller_pod: "ingress-nginx-controller-7d56585cd5-8w4jx", host: "shop.example", ingress: "shop", method: "GET", namespace: "shop-prod", path: "/", service, status, ...(canary === "" ? {} : { canary }), ...more }
    return [sample({ __name__: "nginx_ingress_controller_requests", ...labels }, value, at), ...["0.5", "+Inf"].map((le) => sample({ __name__: "nginx_ingress_controller_request_duration_seconds_bucket", le, ...labels }, value, at))]
  }
  const CANARY = "shop-prod-shop-web-canary-80"

  it("are asked for by the first Ingress", () => {
    expect(source.query).toBe('{__name__=~"nginx_ingress_controller_requests|nginx_ingress_controller_request_duration_seconds_bucket",ingress="shop",le=~"0[.]5|[+]Inf|"}[150s]')
  })

  it("are sorted by the label canary alone", () => {
    const before = read(nginx("shop-web", "", "200", 100, 90))
    const after = read([...nginx("shop-web", "", "200", 190), ...nginx("shop-web", CANARY, "200", 8), ...nginx("shop-web", CANARY, "502", 2)])
    expect(counts(before, after)).toMatchObject({ kind: "counted", counts: { canary: { requests: 10, errors: 2, slow: 0 }, stable: { requests: 90, errors: 0 } } })
  })

  it("hold the controller's own 503 already, which it counts for the Service that it had none for", () => {
    const before = read(nginx("shop-web", "", "200", 100, 90))
    expect(counts(before, read([...nginx("shop-web", "", "200", 110), ...nginx("shop-web", "", "503", 5)]))).toMatchObject({ counts: { canary: { requests: 0 }, stable: { requests: 15, errors: 5 } } })
    expect(read(nginx("shop-web", "", "503", 5)).gateway).toEqual({})
  })

  it("are found under Prometheus' own labels too, and as classes of status", () => {
    const exported = nginx("shop-web", CANARY, "5xx", 3, 100, { namespace: "ingress-nginx", service: "ingress-nginx-controller-metrics", exported_namespace: "shop-prod", exported_service: "shop-web" })
    expect(counts(read(nginx("shop-web", "", "200", 1, 90)), read([...exported, ...nginx("shop-web", "", "200", 2)]))).toMatchObject({ counts: { canary: { requests: 3, errors: 3 } } })
  })

  it("see nothing of another namespace or another Service", () => {
    expect(read([...nginx("shop-web", "", "200", 9, 100, { namespace: "shop-dev" }), ...nginx("shop-docs", "", "200", 9), ...nginx("shop-docs", "shop-prod-shop-docs-canary-80", "500", 9)])).toMatchObject({ canary: NOTHING, stable: NOTHING })
  })
})
