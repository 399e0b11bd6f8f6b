import { describe, expect, it } from "vitest"
import { checkPaths } from "../../../src/core/config/checkout.js"
import type { DeployStrategy } from "../../../src/core/config/strategy.js"
import { withStrategy as named } from "../../../src/core/deploy/named-strategy.js"
import { canaryPlan } from "../../../src/core/canary/rollout-plan.js"
import { problemsOf, shop, SHOP } from "../support.js"

const withStrategy = (strategy: string): string => SHOP.replace("KUBECONFIG_DEV}", `KUBECONFIG_DEV, strategy: ${strategy}}`)
const read = async (strategy: string): Promise<DeployStrategy | undefined> => (await shop(() => withStrategy(strategy))).environments["dev"]?.strategy

const JUDGE = { slo: { errorRate: 0.01, latencyMs: 500, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, intervalSeconds: 10, inconclusive: "hold", router: "gateway" }
const step = (weightPercent: number) => ({ weightPercent, holdSeconds: 60, maximumSeconds: 3600 })

describe("the Prometheus of an environment", () => {
  const prometheus = (text: string): string => SHOP.replace("KUBECONFIG_DEV}", `KUBECONFIG_DEV, prometheus: ${text}}`)
  it("is an address, or nobody's", async () => {
    const { dev, staging } = (await shop(() => prometheus("https://metrics.example/prometheus"))).environments
    expect([dev?.prometheus, staging?.prometheus]).toEqual(["https://metrics.example/prometheus", null])
  })
  it("is refused as anything else", async () => {
    expect((await problemsOf(prometheus("metrics:9090"))).join("\n")).toMatch(/environments\.dev\.prometheus: expected a URL such as https:\/\/prometheus\.example\.org, got "metrics:9090"/)
  })
})

describe("a strategy", () => {
  it.each<[string, object]>([
    ["rolling", { kind: "rolling" }],
    ["{canary: {}}", { kind: "canary", ...JUDGE, steps: [10, 25, 50, 100].map(step), queries: {} }],
    ["{blueGreen: {}}", { kind: "blueGreen", ...JUDGE, watchSeconds: 60, maximumSeconds: 3600, keepSeconds: 600 }],
    [
      "{canary: {steps: [{weightPercent: 20, holdSeconds: 5}], queries: {queue: {query: up, maximum: 9}}, slo: {errorRate: 0.002}, inconclusive: synthesize, traffic: {script: services/web}}}",
      { kind: "canary", ...JUDGE, slo: { ...JUDGE.slo, errorRate: 0.002 }, inconclusive: "synthesize", traffic: { script: "services/web", requestsPerSecond: 50, always: false }, steps: [{ ...step(20), holdSeconds: 5 }], queries: { queue: { query: "up", maximum: 9, noData: "inconclusive" } } },
    ],
  ])("%s is completed", async (written, strategy) => expect(await read(written)).toEqual(strategy))

  it.each<[string, string, RegExp]>([
    ["weights that fall", "{canary: {steps: [{weightPercent: 25}, {weightPercent: 10}]}}", /steps\.1\.weightPercent: expected more than the 25 before it, got 10/],
    ["no step", "{canary: {steps: []}}", /steps: expected a list with at least one step/],
    ["a step whose time is over before it may end", "{canary: {steps: [{weightPercent: 25, holdSeconds: 60, maximumSeconds: 30}]}}", /maximumSeconds: expected at least `holdSeconds`, 60, got 30/],
    ["a query without a range", "{canary: {queries: {queue: {query: up}}}}", /queries\.queue: expected `minimum`, `maximum` or both, got neither/],
    ["a range that nothing lies in", "{canary: {queries: {queue: {query: up, minimum: 2, maximum: 1}}}}", /queries\.queue\.maximum: expected at least the minimum, 2, got 1/],
    ["a query with a built-in name", "{canary: {queries: {errors: {query: up, maximum: 1}}}}", /queries\.errors: expected a name of its own, got `errors`/],
    ["an SLO of nothing", "{canary: {slo: {errorRate: 0}}}", /errorRate: expected a share above 0, at most 0\.5, got 0/],
    ["requests of our own from nowhere", "{blueGreen: {inconclusive: synthesize}}", /inconclusive: expected `traffic\.script` beside `synthesize`, got none/],
    ["requests to a track that no way leads to", "{canary: {router: replicas, inconclusive: synthesize, traffic: {script: services/web}}}", /inconclusive: expected `hold` or `rollback` beside `router: replicas`, which has no way to the track alone, got `synthesize`/],
    ["a router that is none", "{canary: {router: envoy}}", /router: expected one of gateway, nginx, replicas, got "envoy"/],
    ["a policy that is none", "{blueGreen: {inconclusive: pass}}", /inconclusive: expected one of hold, synthesize, rollback, got "pass"/],
  ])("is refused with %s", async (_, strategy, problem) => {
    expect(await problemsOf(withStrategy(strategy))).toEqual([expect.stringMatching(problem)])
  })

  it.each(["canary", "blueGreen"] as const)("that a call names is %s with its defaults, unless the environment has it", async (kind) => {
    const [own, plain] = [await shop(() => withStrategy(`{${kind}: {marginPoints: 2}}`)), await shop()]
    expect(named(plain, "dev", kind).environments["dev"]?.strategy).toEqual(await read(`{${kind}: {}}`))
    expect(named(own, "dev", kind)).toBe(own)
  })

  it("names its script among the files that must be there", async () => {
    const config = await shop(() => withStrategy("{blueGreen: {traffic: {script: perf/visitors.ts}}}"))
    expect(checkPaths(config, new Set())).toContainEqual(expect.objectContaining({ where: "environments.dev.strategy.traffic.script", got: "`perf/visitors.ts`, which does not exist" }))
  })

  it("ends at 100 %, for stable is made new only behind a canary that carries everything", async () => {
    const strategy = await read("{canary: {steps: [{weightPercent: 20, holdSeconds: 5}]}}")
    if (strategy?.kind !== "canary") throw new Error("expected a canary")
    expect(canaryPlan(strategy, "sha256:1").steps).toEqual([{ ...step(20), holdSeconds: 5 }, { ...step(100), holdSeconds: 5 }])
  })
})
