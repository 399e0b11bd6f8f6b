// Deploying to the lasting cluster: faults of a release, of the cluster and of the call, with requests flowing all the while.
import { execFileSync } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { closingLine, ROOT } from "../support/daggerw.js"
import { faultTree, writeDeployment, type FaultyDeployment } from "../support/fault-tree.js"
import { runFolder } from "../support/runs.js"
import { GATEWAY, openStaging, RELEASES, type Staging } from "../support/staging.js"
import { steadyRequests, type SteadyRequests } from "../support/steady-requests.js"

const NAMESPACE = "hello-deploy"
const PLAN = ["deploy-plan", "--environment=staging"]
let staging: Staging
const deploy: Staging["deploy"] = (...given) => staging.deploy(...given)
const kubectl: Staging["kubectl"] = (...argv) => staging.kubectl(...argv)

/** A workload that is right but for its image. */
const deploymentOf = (image: string): string =>
  JSON.stringify({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "x", namespace: NAMESPACE },
    spec: {
      selector: { matchLabels: { app: "x" } },
      template: {
        metadata: { labels: { app: "x" } },
        spec: {
          serviceAccountName: "hello-hello",
          automountServiceAccountToken: false,
          securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
          containers: [{ name: "x", image, resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "64Mi" } }, securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } } }],
        },
      },
    },
  })

beforeAll(async () => {
  staging = await openStaging(NAMESPACE)
})
afterAll(() => staging.close())

describe("a first installation", () => {
  it("that fails is taken away again, after its evidence was kept", async () => {
    const ended = await deploy({ env: { FAULT_CRASH_AFTER_SECONDS: "0" } })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/crash loop: pod hello-hello-\S+: the container ended with 3 .*uninstalled/)
    expect(ended.output).toContain("no licence key")
    expect(staging.revisions()).toEqual([])
  })

  it("that serves is revision 1, proven", async () => {
    const ended = await deploy({}, { commit: RELEASES.good })
    expect(ended.status, ended.output).toBe(0)
    expect(closingLine(ended)).toMatch(/^deploy: passed/)
    expect(await staging.page()).toContain("hello 1")
  })
})

describe("with requests flowing", () => {
  let requests: SteadyRequests
  beforeEach(() => {
    requests = steadyRequests(GATEWAY, 50, "hello")
  })
  afterEach(async () => {
    rmSync(join(staging.tree.path, "charts/hello/templates/fault.yaml"), { force: true })
    const { sent, failed } = await requests.stop()
    expect(sent).toBeGreaterThan(100)
    expect(failed).toEqual([])
  })

  /** A release that does not serve: found by a sign of the cluster, and taken back. */
  it.each<[string, FaultyDeployment, string, RegExp]>([
    ["crashes at its start", { env: { FAULT_CRASH_AFTER_SECONDS: "0" } }, RELEASES.faulty, /crash loop: pod \S+: the container ended with 3 /],
    ["has an image that no registry has", {}, RELEASES.imageless, /image: pod \S+: ErrImagePull: /],
    ["is never ready", { env: { FAULT_NEVER_READY: "1" } }, RELEASES.faulty, /probe: pod \S+: runs but is not ready within 15 s of its start \(Readiness probe failed/],
    ["needs a Secret that nobody has made", { values: { services: { hello: { secretEnv: { API_KEY: { key: "hello", property: "key" } } } } } }, RELEASES.faulty, /configuration: pod \S+: CreateContainerConfigError: secret "hello-hello" not found/],
    ["is never alive", { env: { FAULT_NEVER_ALIVE: "1" }, values: { probes: { startup: { periodSeconds: 1, failureThreshold: 3 } } } }, RELEASES.faulty, /probe: pod \S+: Container hello failed startup probe/],
    ["fits no node", { values: { services: { hello: { resources: { requests: { cpu: "64", memory: "64Mi" } } } } } }, RELEASES.faulty, /unschedulable: pod \S+: no node takes it: .*Insufficient cpu/],
  ])("a release that %s is taken back", async (_, deployment, commit, cause) => {
    const ended = await deploy(deployment, { commit })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(cause)
    expect(closingLine(ended)).toMatch(/rolled back to revision \d+ \(now revision \d+\), which was proven healthy again/)
    expect(await staging.page()).toContain("hello 1")
    expect(staging.revisions().at(-1)?.status).toBe("deployed")
  })

  it("a quota that is used up is named, and nothing is lost", async () => {
    staging.apply({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "small", namespace: NAMESPACE }, spec: { hard: { pods: "1" } } })
    const ended = await deploy({ env: { VERSION: "1", LEVEL: "2" } })
    kubectl("delete", "resourcequota", "small", "-n", NAMESPACE)
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/quota: hello-hello: .*exceeded quota: small.*rolled back to revision/)
  })

  /** What is refused before any write: no new revision. */
  it.each<[string, FaultyDeployment, string | null, number, RegExp]>([
    ["a value that the schema does not know", { values: { nosuch: 1 } }, null, 1, /helm lint: .*nosuch/],
    ["a template that does not render", {}, "{{ fail \"no such thing\" }}", 1, /no such thing/],
    ["a kind that the cluster does not have", {}, "apiVersion: example.org/v1\nkind: Nothing\nmetadata: {name: x, namespace: hello-deploy}\n", 1, /the cluster has no Nothing/],
    ["an object that the API server refuses", {}, "apiVersion: v1\nkind: Service\nmetadata: {name: x, namespace: hello-deploy}\nspec: {ports: [{port: 0}]}\n", 1, /dry run: .*spec.ports/],
    ["an image by its tag", {}, deploymentOf("10.90.0.1:5000/hello/hello:latest"), 1, /dry run: .*delivery-image-digests/],
    ["an object that the deployer may not write", {}, "apiVersion: v1\nkind: LimitRange\nmetadata: {name: x, namespace: hello-deploy}\nspec: {limits: [{type: Pod, max: {cpu: \"4\"}}]}\n", 2, /limitranges "x" is forbidden: User "system:serviceaccount:hello-deploy:deployer" cannot get/],
    ["a secret in clear", {}, "apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: hello-deploy}\nstringData: {url: hunter2}\n", 1, /Secret x: stringData.url has its value in the chart's values/],
  ])("%s is refused before any write", async (_, deployment, file, status, words) => {
    const before = staging.revisions()
    if (file !== null) staging.tree.write("charts/hello/templates/fault.yaml", file)
    const ended = await deploy(deployment)
    expect(ended.status, ended.output).toBe(status)
    expect(closingLine(ended)).toMatch(words)
    expect(ended.output).not.toContain("hunter2")
    expect(staging.revisions()).toEqual(before)
  })

  it.each<[string, (config: string) => string, RegExp]>([
    ["an API server that cannot be reached", (config) => config.replace(/https:\/\/[\d.]+:6443/, "https://10.90.0.2:6444"), /cannot be reached/],
    ["credentials that have expired", (config) => config.replace(/token: [^\s,}]+/, "token: expired"), /refuses the credentials in KUBECONFIG_STAGING \(401\)/],
  ])("%s is an error that says so", async (_, edit, words) => {
    const ended = await deploy({}, { kubeconfig: edit(staging.kubeconfig) })
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toMatch(words)
  })

  it("a namespace of another owner is left alone", async () => {
    kubectl("label", "namespace", NAMESPACE, "delivery.dev/project=shop", "--overwrite")
    const ended = await deploy({})
    kubectl("label", "namespace", NAMESPACE, "delivery.dev/project-")
    expect(ended.status, ended.output).toBe(2)
    expect(closingLine(ended)).toContain("belongs to shop")
  })

  it("a plan is applied only while it holds, and only when it was approved where that is needed", async () => {
    const approved = { environment: { approval: "required" }, env: { VERSION: "1", LEVEL: "3" } }
    writeDeployment(staging.tree, NAMESPACE, approved)
    const planned = await staging.call(PLAN, { commit: RELEASES.faulty })
    expect(planned.status, planned.output).toBe(0)
    const folder = runFolder(join(ROOT, ".delivery/runs", planned.runId), planned.runId)
    const plan = folder.text("plans/staging.hash")
    expect(folder.text("plans/staging.txt")).toMatch(/~ apps\/Deployment hello-hello\n( {4}.*\n)*? {4}.*env/)
    const before = staging.revisions()
    const without = await deploy(approved)
    expect(without.status, without.output).toBe(4)
    expect(closingLine(without)).toContain(`staging needs an approval of plan ${plan}; nothing was written`)
    const wrong = await deploy(approved, { argv: [`--plan=${"0".repeat(64)}`, "--approved-by=ada"] })
    expect(wrong.status, wrong.output).toBe(2)
    expect(closingLine(wrong)).toContain("no longer holds")
    expect(staging.revisions()).toEqual(before)
    const applied = await deploy(approved, { argv: [`--plan=${plan}`, "--approved-by=ada"] })
    expect(applied.status, applied.output).toBe(0)
    const again = await staging.call(["history", "--environment=staging"])
    expect(again.output).toMatch(new RegExp(`healthy \\* .* ${plan.slice(0, 12)} +ada `))
  })

  it("two at once: the second waits for the Lease of the first", async () => {
    const holder = (seconds: number): object => ({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "delivery-hello", namespace: NAMESPACE }, spec: { holderIdentity: "another-run", leaseDurationSeconds: seconds, renewTime: new Date().toISOString().replace("Z", "000Z") } })
    staging.apply(holder(6))
    const ended = await deploy({})
    expect(ended.status, ended.output).toBe(0)
    expect(ended.output).toContain("waiting for run another-run")
  })

  it("drift is found, and ends with 5", async () => {
    const none = await staging.call(["drift", "--environment=staging"])
    expect(none.status, none.output).toBe(0)
    kubectl("annotate", "service", "hello-hello", "-n", NAMESPACE, "by=hand")
    kubectl("patch", "deployment", "hello-hello", "-n", NAMESPACE, "--type=merge", "-p", '{"spec":{"minReadySeconds":1}}')
    const some = await staging.call(["drift", "--environment=staging"])
    expect(some.status, some.output).toBe(5)
    expect(some.output).toContain("~ spec.minReadySeconds: 1 -> 3")
  })

  it("goes back to the revision that was proven and differs, and to no other", async () => {
    expect((await deploy({ env: { VERSION: "2" } })).status).toBe(0)
    expect(await staging.page()).toContain("hello 2")
    const unknown = await staging.call(["rollback", "--environment=staging", "--revision=99"])
    expect(unknown.status, unknown.output).toBe(2)
    expect(unknown.output).toMatch(/REVISION +STARTED(.|\n)*Helm has no revision 99; nothing was written/)
    const back = await staging.call(["rollback", "--environment=staging"])
    expect(back.status, back.output).toBe(0)
    expect(await staging.page()).toContain("hello 1")
  })

  it("needs no sources: the release has its chart", async () => {
    writeDeployment(staging.tree, NAMESPACE, {})
    for (const gone of ["apps", "charts"]) rmSync(join(staging.tree.path, gone), { recursive: true })
    const ended = await staging.call(["deploy", "--environment=staging"], { commit: RELEASES.good })
    expect(ended.status, ended.output).toBe(0)
    expect(closingLine(ended)).toMatch(/^deploy: passed/)
  })
})

/** What the smoke checks find: the answer itself is wrong, so that some requests do get it until the way back. */
describe("a release that answers wrongly", () => {
  beforeAll(() => {
    // The sources went with the last test.
    const fresh = faultTree(NAMESPACE)
    execFileSync("cp", ["-R", `${fresh.path}/.`, staging.tree.path])
  })

  it.each<[string, Readonly<Record<string, string>>, RegExp]>([
    ["with another page", { FAULT_WRONG_PAGE: "1" }, /smoke: .*expected a text with "hello", got "bye"/],
    // It is ready for a second: until its end it gets requests, and they are lost with it.
    ["and ends, again and again", { FAULT_CRASH_AFTER_SECONDS: "1" }, /crash loop: pod \S+: the container ended with 4 /],
    ["with 200 to everything", { FAULT_SAME_PAGE: "1" }, /smoke: .*a service that answers 200 to everything proves nothing/],
  ])("%s is taken back", async (_, env, words) => {
    const ended = await deploy({ env })
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(words)
    expect(closingLine(ended)).toContain("proven healthy again")
  })
})
