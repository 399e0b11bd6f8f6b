// One release from dev over staging to production, on the lasting cluster: the way that a CI system takes, in the calls that its files make.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { registryAddress } from "../../airgap/lib/cluster/places.mjs"
import { canaryCluster } from "../support/canary-cluster.js"
import { call, closingLine, newRunId } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { kit } from "../support/kit.js"
import { newRun } from "../support/runs.js"
import type { Tree } from "../support/trees.js"
import { asPublished, sampleDatabase, serveDatabase } from "../support/trivy-db.js"

const ENVIRONMENTS = ["dev", "staging", "production"] as const
type EnvironmentName = (typeof ENVIRONMENTS)[number]
const namespaceOf = (environment: EnvironmentName): string => `promotion-${environment}`
const PROJECT = newRunId("promotion").toLowerCase()
const GOOD = "4".repeat(40)
const ILL = "5".repeat(40)
// Until it has been asked: a test that fails before that must not take away what others use.
let wasUp = true
let kubeconfig = ""
let kubectl: (...argv: string[]) => string
let database: { readonly address: string; readonly close: () => void }

beforeAll(async () => {
  wasUp = kit("cluster", "status").includes("is Ready")
  ;({ kubeconfig, kubectl } = canaryCluster(null))
  database = await serveDatabase(asPublished(await sampleDatabase(), 5))
  kubectl("delete", "namespace", ...ENVIRONMENTS.map(namespaceOf), "--ignore-not-found")
})
afterAll(() => {
  database?.close()
  if (!wasUp) kit("cluster", "down")
  else kubectl("delete", "namespace", ...ENVIRONMENTS.map(namespaceOf), "--ignore-not-found")
})

/** Without a route: the three would share the cluster's gateway, with each other and with whoever else is behind it. */
function product(greeting = "hello"): Tree {
  return helloTree().write("charts/hello/values-apart.yaml", "gateway: {enabled: false}\n").edit("delivery.yaml", (config) => {
    config.set("project", PROJECT)
    config.set("registry", config.createNode({ address: registryAddress }))
    config.set("images", config.createNode({ "trivy-db": database.address }))
    config.setIn(["services", "hello", "image"], `${PROJECT}/hello`)
    config.setIn(["services", "hello", "routes"], config.createNode([]))
    config.setIn(["services", "hello", "smoke", 0, "contains"], greeting)
    for (const name of ENVIRONMENTS) {
      const approval = name === "production" ? { approval: "required", requires: ["lint", "test"] } : {}
      config.setIn(["environments", name], config.createNode({ kubeconfig: `KUBECONFIG_${name.toUpperCase()}`, namespace: namespaceOf(name), values: ["charts/hello/values-local.yaml", "charts/hello/values-apart.yaml"], ...approval }))
    }
  })
}

async function on(tree: Tree, commit: string, ...argv: string[]) {
  const run = newRun("promotion")
  // Three credentials with one value, which daggerw adds by itself: this repository's delivery.yaml names them too.
  const env = Object.fromEntries(ENVIRONMENTS.map((name) => [`KUBECONFIG_${name.toUpperCase()}`, kubeconfig]))
  const ended = await call([`--source=${tree.path}`, `--commit=${commit}`, "--dirty=false", `--run-id=${run.runId}`, ...argv], { env, limitSeconds: 900 })
  return { run, ended }
}

const PIPELINE = ["pipeline", `--environments=${ENVIRONMENTS.join(",")}`, "--until=production-plan"]
const images = (environment: EnvironmentName): string => kubectl("get", "deployments", "-n", namespaceOf(environment), "-o", "jsonpath={.items[*].spec.template.spec.containers[*].image}")

describe("a release", () => {
  let plan = ""

  it("reaches dev, then staging, and stops before production with a plan", async () => {
    const { run, ended } = await on(product(), GOOD, ...PIPELINE)
    expect(ended.status, ended.output).toBe(0)
    for (const name of ["dev", "staging"]) expect(run.stage("deploy", name)).toMatchObject({ verdict: "passed" })
    expect(run.stage("deploy-plan", "production")).toMatchObject({ verdict: "passed" })
    const since = (environment: EnvironmentName): number => Date.parse(kubectl("get", "deployment", "hello-hello", "-n", namespaceOf(environment), "-o", "jsonpath={.metadata.creationTimestamp}"))
    expect(since("dev")).toBeLessThan(since("staging"))
    plan = run.text("plans/production.hash").trim()
    expect(images("dev")).toMatch(new RegExp(`^${registryAddress}/${PROJECT}/hello@sha256:[0-9a-f]{64}$`))
    expect(images("staging")).toBe(images("dev"))
    expect(kubectl("get", "httproutes", "-n", namespaceOf("dev"), "-o", "name")).toBe("")
    expect(kubectl("get", "namespaces", "-o", "name")).not.toContain(namespaceOf("production"))
  })

  it("is not deployed to production without an approval, nor with one of another plan", async () => {
    const without = await on(product(), GOOD, "deploy", "--environment=production")
    expect([without.ended.status, closingLine(without.ended)]).toEqual([4, expect.stringContaining(`production needs an approval of plan ${plan}`)])
    const other = await on(product(), GOOD, "deploy", "--environment=production", `--plan=${"0".repeat(64)}`, "--approved-by=ada")
    expect([other.ended.status, closingLine(other.ended)]).toEqual([2, expect.stringContaining("no longer holds")])
    expect(kubectl("get", "namespaces", "-o", "name")).not.toContain(namespaceOf("production"))
  })

  it("is deployed there by the approved plan, with the digests that dev and staging run", async () => {
    const { ended } = await on(product(), GOOD, "deploy", "--environment=production", `--plan=${plan}`, "--approved-by=ada")
    expect(ended.status, ended.output).toBe(0)
    expect(images("production")).toBe(images("dev"))
    const { ended: history } = await on(product(), GOOD, "history", "--environment=production")
    expect(history.output).toMatch(new RegExp(`^1 .*deploy +healthy \\*.* ${plan.slice(0, 12)} +ada `, "m"))
  })

  it("that fails in dev goes no further", async () => {
    const before = images("staging")
    const { run, ended } = await on(product("goodbye"), ILL, ...PIPELINE)
    expect(ended.status, closingLine(ended)).toBe(1)
    expect(run.stage("deploy", "dev")).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/smoke: 1 of .*rolled back to revision 1/) })
    expect(run.stage("deploy", "staging")).toMatchObject({ verdict: "skipped", skipKind: "upstream-failed" })
    expect(run.stage("deploy-plan", "production")).toMatchObject({ verdict: "skipped", skipKind: "upstream-failed" })
    expect([images("staging"), images("production"), images("dev")]).toEqual([before, before, before])
  })
})
