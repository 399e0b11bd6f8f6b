// A named environment: push, engine stop, deploy, smoke, a bad release and the way back, on the cluster that outlives all of it.
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { parse, stringify } from "yaml"
import { call, closingLine, newRunId } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { kit } from "../support/kit.js"

const tree = helloTree()
// The kit has a sample of the vulnerability database, and on its word nothing leaves the machine.
const PUSH = ["push", "--skip=scan-images"]
const good = "1".repeat(40)
const bad = "2".repeat(40)
let env: Record<string, string> = {}
// Until it has been asked: a test that fails before that must not take away what others use.
let wasUp = true

// The credential is named in the fixture's delivery.yaml, not in this repository's: so it is passed by hand.
const onStaging = (commit: string, ...argv: string[]) =>
  call([`--source=${tree.path}`, `--commit=${commit}`, "--dirty=false", "--credentials=env:KUBECONFIG_STAGING", `--run-id=${newRunId("staging")}`, ...argv], { env })

function writeDelivery(serviceEnv: Record<string, string>): void {
  const delivery = parse(tree.read("delivery.yaml")) as { services: Record<string, object>; [key: string]: unknown }
  const hello = { ...delivery.services["hello"], env: serviceEnv }
  const staging = { kubeconfig: "KUBECONFIG_STAGING", namespace: "hello-staging", baseUrl: "http://10.90.0.2:30080", values: ["charts/hello/values-local.yaml"] }
  tree.write("delivery.yaml", stringify({ ...delivery, services: { hello }, registry: { address: "10.90.0.1:5000" }, environments: { staging } }))
}

describe("a release for an environment that outlives the call", () => {
  beforeAll(() => {
    wasUp = kit("cluster", "status").includes("is Ready")
    kit("cluster", "up")
    env = { KUBECONFIG_STAGING: kit("cluster", "kubeconfig") }
    writeDelivery({})
  })
  afterAll(() => {
    if (!wasUp) kit("cluster", "down")
  })

  it("is not deployed before it has been pushed", async () => {
    const ended = await onStaging(good, "deploy", "--environment=staging")
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toContain("Run `./daggerw call push` first")
  })

  it("is pushed by one call and deployed by another, with an engine restart between", async () => {
    const pushed = await onStaging(good, ...PUSH)
    expect(pushed.status, pushed.output).toBe(0)
    kit("engine", "stop")
    expect(kit("cluster", "status")).toContain("is Ready")
    const deployed = await onStaging(good, "deploy", "--environment=staging")
    expect(deployed.status, deployed.output).toBe(0)
    expect(closingLine(deployed)).toMatch(/^deploy: passed/)
  })

  it("serves through gateway and Service after the call has ended", async () => {
    const page = await fetch("http://10.90.0.2:30080/", { signal: AbortSignal.timeout(10_000) })
    expect(await page.text()).toContain("hello")
    const ended = await onStaging(good, "smoke", "--environment=staging")
    expect(ended.status, ended.output).toBe(0)
  })

  it("goes back to the healthy revision when the next one crashes, and says which pod and why", async () => {
    tree.write("apps/hello/server.mjs", 'console.log("no licence key"); process.exit(3)\n')
    const pushed = await onStaging(bad, ...PUSH)
    expect(pushed.status, pushed.output).toBe(0)
    const ended = await onStaging(bad, "deploy", "--environment=staging")
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/pod hello-hello-\S+: the container ended with 3 .*rolled back to revision 1/)
    expect(ended.output).toContain("no licence key")
    const page = await fetch("http://10.90.0.2:30080/", { signal: AbortSignal.timeout(10_000) })
    expect(await page.text()).toContain("hello")
  })
})
