import { describe, expect, it } from "vitest"
import { makeDeployPlan, planHashText, planRefusal, renderPlanJson, renderPlanText, type PlanFacts } from "../../../src/core/deploy/deploy-plan.js"
import { plainStrategy, type DeployStrategy } from "../../../src/core/config/strategy.js"
import { objectsOf, type KubeObject } from "../../../src/core/deploy/kube-object.js"
import { countActions, diffObjects, renderDiff } from "../../../src/core/deploy/object-diff.js"
import { plainSecrets } from "../../../src/core/deploy/plain-secrets.js"
import { planOutcomes, planSeconds, planSteps } from "../../../src/core/deploy/plan-steps.js"
import { judgePlanChecks } from "../../../src/core/gates/plan-checks.js"

const deployment = (image: string, spec: object = {}, metadata: object = {}): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "shop-web", ...metadata },
  spec: { template: { spec: { containers: [{ name: "web", image, env: [{ name: "LEVEL", value: "info" }] }] } }, ...spec },
})
const KEPT = { uid: "1", resourceVersion: "7", generation: 3, managedFields: [{}], creationTimestamp: "x", annotations: { "deployment.kubernetes.io/revision": "3" } }
const live = (image: string, spec: object = {}): KubeObject => ({ ...deployment(image, spec, KEPT), status: { replicas: 1 } })
const canaryPod = (image: string): KubeObject => deployment(image, {}, { name: "shop-web-canary" })
const canaryOf = (): DeployStrategy => ({ ...plainStrategy("canary"), steps: [{ weightPercent: 10, holdSeconds: 60, maximumSeconds: 600 }] }) as DeployStrategy
const secret = (value: string, metadata: object = {}): KubeObject => ({ apiVersion: "v1", kind: "Secret", metadata: { name: "db", ...metadata }, data: { url: value } })

describe("the difference that the server would make", () => {
  it("names each field, containers by their names, and nothing that the server keeps", () => {
    const objects = diffObjects([live("a"), { ...live("x"), metadata: { name: "same" } }], [deployment("b", { replicas: 2 }), { ...live("x"), metadata: { name: "same", generation: 9 } }], ["Service shop-old"])
    expect(renderDiff(objects)).toBe(["- Service shop-old", "= apps/Deployment same", "~ apps/Deployment shop-web", "    + spec.replicas: 2", "    ~ spec.template.spec.containers[web].image: a -> b"].join("\n"))
    expect(countActions(objects)).toBe("1 changed, 1 deleted, 1 unchanged")
    expect(renderDiff(diffObjects([], [deployment("a")], []))).toBe("+ apps/Deployment shop-web")
  })

  it("leaves out what Helm adds when it writes", () => {
    const byHelm = { labels: { "app.kubernetes.io/managed-by": "Helm", tier: "web" }, annotations: { "meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "n" } }
    expect(diffObjects([deployment("a", {}, byHelm)], [deployment("a", {}, { labels: { tier: "web" } })], [])).toMatchObject([{ action: "keep" }])
  })

  it("shows that a secret changes, and not what it is", () => {
    const withToken = (value: string): KubeObject => deployment("a", { template: { spec: { containers: [{ name: "web", env: [{ name: "API_TOKEN", value }] }] } } })
    const text = renderDiff([...diffObjects([secret("b2xk")], [secret("bmV3")], []), ...diffObjects([withToken("hunter2")], [withToken("hunter3")], [])])
    expect(text).toMatch(/data.url: \(masked\) -> \(masked\)/)
    expect(text).toMatch(/env\[API_TOKEN\].value: \(masked\) -> \(masked\)/)
    expect(text).not.toMatch(/b2xk|bmV3|hunter/)
  })
})

describe("the plan of a rollout", () => {
  const strategy = canaryOf()
  const track = { name: "canary", live: "stable", services: ["web"], captured: 2, rendered: [canaryPod("b")], dryRun: [deployment("a"), canaryPod("b")] }
  const facts: PlanFacts = { environment: "staging", namespace: "shop-staging", release: "shop", commit: "c".repeat(40), strategy, revision: 3, rendered: [deployment("b")], live: [live("a")], dryRun: [deployment("b")], gone: [], track }

  it("shows every phase with its objects, and every step with the requests that it takes", () => {
    expect(renderPlanText(makeDeployPlan(facts), "h").split("\n").slice(3)).toEqual([
      "",
      "phase 1: web as track canary beside stable, at weight 0, asked through its own route",
      "= apps/Deployment shop-web",
      "+ apps/Deployment shop-web-canary",
      "",
      "phase 2: the traffic, if stable has no errors:",
      "  10 %: 272 requests to the canary, 2720 in all, no traffic measured yet",
      "  100 %: 130 requests to the canary, 130 in all, no traffic measured yet",
      "  at too little evidence: hold; the way back: weight 0, then revision 2",
      "",
      "phase 3: stable becomes this release while the track carries; phase 4: the weight is 0 again and the track gone",
      "~ apps/Deployment shop-web",
      "    ~ spec.template.spec.containers[web].image: a -> b",
      "",
    ])
  })

  it.each<["nginx" | "replicas", RegExp]>([
    ["nginx", /phase 2: .*\n {2}router nginx is a legacy adapter: ingress-nginx was retired and archived in March 2026/],
    ["replicas", /through its own Services\n[^]*phase 2: .*\n {2}no router: each weight is the ratio of ready pods, by its true figure\n {2}10 %: 272 requests/],
  ])("says what carries the weight where it is %s", (router, words) => {
    expect(renderPlanText(makeDeployPlan({ ...facts, strategy: { ...strategy, router } as DeployStrategy }), "h")).toMatch(words)
  })

  it.each<[string, Partial<PlanFacts>]>([
    ["an object of the track", { track: { ...track, rendered: [canaryPod("c")] } }],
    ["the revision that it goes back to", { track: { ...track, captured: 1 } }],
    ["the services of the track", { track: { ...track, services: ["web", "api"] } }],
    ["a step", { strategy: { ...strategy, marginPoints: 2 } as DeployStrategy }],
    ["what is left of it: it is rolled out", { track: null }],
  ])("has another hash with %s", (_, changed) => {
    expect(planHashText(makeDeployPlan({ ...facts, ...changed }))).not.toBe(planHashText(makeDeployPlan(facts)))
  })

  it("does not depend on what the server fills in", () => {
    expect(planHashText(makeDeployPlan({ ...facts, track: { ...track, dryRun: [] } }))).toBe(planHashText(makeDeployPlan(facts)))
  })
})

describe("a plan's hash", () => {
  const facts: PlanFacts = { environment: "staging", namespace: "shop-staging", release: "shop", commit: "c".repeat(40), strategy: { kind: "rolling" }, revision: 3, rendered: [deployment("b")], live: [live("a")], dryRun: [deployment("b")], gone: [] }
  const text = (changed: Partial<PlanFacts> = {}): string => planHashText(makeDeployPlan({ ...facts, ...changed }))

  it.each<[string, Partial<PlanFacts>]>([
    ["a status", { live: [{ ...live("a"), status: { replicas: 5 } }] }],
    ["what the server keeps", { live: [deployment("a", {}, { ...KEPT, resourceVersion: "8", generation: 4 })] }],
    ["replicas that an autoscaler sets", { live: [live("a", { replicas: 7 })] }],
    ["the order of objects", { rendered: [deployment("b")].reverse() }],
    ["what the server fills in, as long as there is no namespace", { dryRun: null }],
  ])("does not change with %s", (_, changed) => {
    expect(text(changed)).toBe(text())
  })

  it.each<[string, Partial<PlanFacts>]>([
    ["a field that somebody set by hand", { live: [live("a", { paused: true })] }],
    ["the rendered chart", { rendered: [deployment("c")] }],
    ["Helm's revision", { revision: 4 }],
    ["the strategy", { strategy: { kind: "rolling", pause: true } as DeployStrategy }],
    ["the commit", { commit: "d".repeat(40) }],
    ["a hook", { rendered: [deployment("b"), { apiVersion: "batch/v1", kind: "Job", metadata: { name: "dump", annotations: { "helm.sh/hook": "pre-upgrade" } } }] }],
    ["an object that has gone", { live: [] }],
  ])("changes with %s", (_, changed) => {
    expect(text(changed)).not.toBe(text())
  })

  it("changes with a Secret, without holding it", () => {
    const first = text({ live: [secret("b2xk", { resourceVersion: "1" })] })
    expect(text({ live: [secret("bmV3", { resourceVersion: "2" })] })).not.toBe(first)
    const plan = makeDeployPlan({ ...facts, rendered: [secret("bmV3")], live: [secret("b2xk", { resourceVersion: "1" })], dryRun: [secret("bmV3")] })
    for (const shown of [planHashText(plan), renderPlanJson(plan, "0"), renderPlanText(plan, "0")]) expect(shown).not.toMatch(/b2xk|bmV3/)
  })

  it("is compared before anything is written", () => {
    const now = "a".repeat(64)
    expect(planRefusal(now, now)).toBeNull()
    expect(planRefusal("b".repeat(64), now)).toMatch(/^plan bbbbbbbbbbbb no longer holds: .*now aaaaaaaaaaaa\. Nothing was written/)
    expect(planRefusal("latest", now)).toMatch(/64 hexadecimal digits.*"latest"/)
  })
})

it("a chart's own secrets are found: in Secrets, and in variables with such names; references are none", () => {
  const reference = { name: "DB_PASSWORD", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }
  const pod = { template: { spec: { containers: [{ name: "web", env: [{ name: "API_KEY", value: "k" }, reference, { name: "SMTP_PASSWORD", value: "" }] }] } } }
  const cron: KubeObject = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "dump" }, spec: { jobTemplate: { spec: { template: { spec: { containers: [{ name: "dump", env: [{ name: "PGPASSWORD", value: "p" }] }] } } } } } }
  const found = plainSecrets([secret("b2xk"), deployment("a", pod), cron, { apiVersion: "external-secrets.io/v1", kind: "ExternalSecret", metadata: { name: "db" }, spec: { data: [{ secretKey: "url" }] } }])
  expect(found.map(({ message }) => message.split(" has its value")[0])).toEqual(["Secret db: data.url", "apps/Deployment shop-web: env API_KEY of container web", "batch/CronJob dump: env PGPASSWORD of container dump"])
  expect(JSON.stringify(found)).not.toContain("b2xk")
})

describe("the checks before a write", () => {
  const release = { name: "shop", namespace: "shop-staging", chart: "chart", values: ["v'1.yaml"] }
  const steps = planSteps(release, true)
  const RENDERED = "---\n# Source: a\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop-web}\nspec: {}\n---\n# nothing\n"
  const GOOD: Readonly<Record<string, string>> = { "history.out": '[{"revision":4,"status":"deployed","updated":"x"}]', "render.out": RENDERED, "manifest.out": "apiVersion: v1\nkind: Service\nmetadata: {name: old}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: kept, annotations: {helm.sh/resource-policy: keep}}\n", "dry-run.out": JSON.stringify(deployment("a")) }
  const judged = (bad: string, exitCode: number, stderr: string, out: Readonly<Record<string, string>> = GOOD) => {
    const outcomes = steps.map(({ name, argv }) => ({ name, argv, exitCode: name === bad ? exitCode : 0, stdout: out[`${name}.out`] ?? "", stderr: name === bad ? stderr : "", seconds: 0.25 }))
    return judgePlanChecks(planOutcomes(outcomes), false)
  }

  it("are named, timed, and fewer where there is no namespace yet", () => {
    expect(steps.find(({ name }) => name === "lint")?.argv).toEqual(["helm", "lint", "--strict", "chart", "--namespace", "shop-staging", "--values", "v'1.yaml"])
    expect(planSeconds(planOutcomes([{ name: "lint", argv: [], exitCode: 0, stdout: "", stderr: "", seconds: 0.25 }]))).toBe("lint 0.3 s")
    expect(planSteps(release, false).map(({ name }) => name)).not.toContain("dry-run")
  })

  it("tell what is there, what comes and what goes", async () => {
    expect(await judged("", 0, "")).toMatchObject({ facts: { revision: 4, gone: ["Service old"], workloads: ["shop-web"], live: [] } })
  })

  it.each([
    ["lint", 1, "[ERROR] templates/: no", "failed", "helm lint: "],
    ["render", 1, "Error: values don't meet the specifications of the schema(s)", "failed", "helm, render: Error: values don't meet"],
    ["helm", 1, 'Error: Service "shop-web" exists and cannot be imported into the current release: invalid ownership metadata', "failed", "invalid ownership metadata"],
    ["dry-run", 1, 'error: resource mapping not found: no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"', "failed", "the cluster has no HTTPRoute (gateway.networking.k8s.io/v1): install"],
    ["dry-run", 1, "The Deployment is invalid: spec.replicas: must be non-negative", "failed", "dry run: The Deployment is invalid"],
    ["dry-run", 1, "Unable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout", "error", "i/o timeout"],
    ["dry-run", 1, 'deployments.apps is forbidden: User "ci" cannot patch', "error", "is forbidden"],
    ["live", 1, "some failure", "error", "live: some failure"],
    ["render", 127, "sh: helm: not found", "error", "not found"],
  ])("%s ends with %i: %s", async (step, code, stderr, verdict, words) => {
    const checks = await judged(step, code, stderr)
    expect("gate" in checks ? [checks.gate.verdict, checks.gate.reason.includes(words) || checks.gate.reason] : checks).toEqual([verdict, true])
  })

  it("take a release that is not there yet for a new one", async () => {
    expect(await judged("history", 1, "Error: release: not found")).toMatchObject({ facts: { revision: null } })
  })

  it("go past what a killed Helm has left, for the deployment repairs that, and say so", async () => {
    const left = { ...GOOD, "history.out": '[{"revision":5,"status":"pending-upgrade","updated":"x"}]' }
    expect(await judged("helm", 1, "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress", left)).toMatchObject({ facts: { revision: 5, pending: "pending-upgrade" } })
    expect(await judged("", 0, "")).toMatchObject({ facts: { pending: null } })
  })

  it("end with an error when nothing is rendered, and red when a secret is in clear", async () => {
    expect(await judged("", 0, "", { ...GOOD, "render.out": "" })).toMatchObject({ gate: { verdict: "error" } })
    expect(await judged("", 0, "", { ...GOOD, "render.out": "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {url: x}\n" })).toMatchObject({ gate: { verdict: "failed", reason: expect.stringContaining("Secret db: stringData.url") as string } })
  })
})

it("kubectl's JSON is a list, one object or nothing", () => {
  expect([objectsOf(""), objectsOf('{"kind":"Service"}'), objectsOf('{"kind":"List","items":[{"kind":"A"},{"kind":"B"}]}')].map((objects) => objects.length)).toEqual([0, 1, 2])
})
