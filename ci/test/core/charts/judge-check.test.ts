import { describe, expect, it } from "vitest"
import { CHECK_SERVER } from "../../../src/core/charts/check-server.js"
import { checkSteps, guardManifest } from "../../../src/core/charts/check-steps.js"
import { judgeChartsCheck } from "../../../src/core/charts/judge-check.js"
import type { ExecOutcome } from "../../../src/core/gates/exec.js"
import { stepOutcomes } from "../../../src/core/steps/endings.js"

const environment = (name: string, values: readonly string[] = []) => ({ name, namespace: `shop-${name}`, values })
const CHARTS = {
  chart: { path: "./charts/shop", release: "shop" },
  environments: [environment("production", ["charts/shop/values-prod.yaml"]), environment("local")],
  policies: { path: "charts/platform", deployer: "deployer" },
  policiesAreChart: true,
}
const STEPS = checkSteps(CHARTS)
const VERSION = '{"clientVersion": {"gitVersion": "v1.30.0"}, "serverVersion": {"gitVersion": "v1.34.4"}}'

type Said = Readonly<Record<string, { readonly code?: number; readonly stdout?: string; readonly stderr?: string }>>

/** What a green check tells, but for what is said here. */
function told(said: Said, steps = STEPS): ReadonlyMap<string, ExecOutcome> {
  const green: Said = {
    server: { stdout: VERSION },
    policies: { stdout: "validatingadmissionpolicy.admissionregistration.k8s.io/a serverside-applied\nnamespace/shop-local serverside-applied\n" },
    ...Object.fromEntries(["local", "production"].flatMap((name) => [
      [`guard:${name}`, { code: 1, stderr: "The deployments \"delivery-guard\" is invalid: : ValidatingAdmissionPolicy 'a' with binding 'a' denied request: images must be named by digest\n" }],
      [`accept:${name}`, { stdout: "service/web serverside-applied\ndeployment.apps/web serverside-applied\n" }],
    ])),
  }
  return new Map([CHECK_SERVER, ...steps].map(({ name, argv }) => {
    const { code = 0, stdout = "", stderr = "" } = { ...green[name], ...said[name] }
    return [name, { argv, exitCode: code, stdout, stderr }]
  }))
}
const judged = (said: Said, steps = STEPS) => judgeChartsCheck(steps, told(said, steps), "charts/shop", 300)

describe("the steps of a check", () => {
  it("take local before the definitions that its cluster does not have", () => {
    const names = STEPS.map(({ name }) => name)
    expect(names).toEqual([
      "definitions", "definitions-ready", "policies-render", "policies", "lint:local", "render:local", "namespace:local", "guard:local", "accept:local", "rules:local",
      "more-definitions", "more-definitions-ready", "lint:production", "render:production", "namespace:production", "guard:production", "accept:production", "rules:production",
    ])
  })
  it("apply what was rendered, with the rights of the deployer, and each environment's own values", () => {
    const argv = (name: string): string => STEPS.find((step) => step.name === name)?.argv.join(" ") ?? ""
    expect(argv("accept:production")).toBe("kubectl apply --server-side --validate=strict --as=system:serviceaccount:shop-production:deployer -f /work/rendered/production.yaml")
    expect(argv("render:production")).toContain("--values /work/tree/charts/shop/values-prod.yaml --values /work/releases/production.json")
    expect(argv("policies-render")).toBe("helm template policies /work/tree/charts/platform")
  })
  it("put objects that name no namespace into the environment's", () => {
    const { argv = [] } = STEPS.find(({ name }) => name === "namespace:local") ?? {}
    expect(argv.slice(-2)).toEqual(["/work/namespaces/local.json", "shop-local"])
    expect(argv.join(" ")).toContain("set-context --current")
  })
  it("look for no policies where delivery.yaml has none, and take manifests as they are", () => {
    expect(checkSteps({ ...CHARTS, policies: null }).filter(({ kind }) => kind === "policies" || kind === "guard")).toEqual([])
    const plain = checkSteps({ ...CHARTS, policiesAreChart: false }).filter(({ kind }) => kind === "policies")
    expect(plain.map(({ argv }) => argv.join(" "))).toEqual(["kubectl apply --server-side --recursive -f /work/tree/charts/platform"])
  })
  it("guard with what every policy refuses", () => {
    expect(guardManifest("shop")).toMatch(/"namespace":"shop".*"hostNetwork":true.*:latest".*"privileged":true/)
  })
})

describe("the verdict on a chart", () => {
  it("is passed with the numbers of what was checked", () => {
    expect(judged({})).toEqual({ verdict: "passed", skipKind: null, reason: "2 environments: Kubernetes v1.34.4 accepts 4 objects, 1 policy in force", findings: [] })
  })

  const FAULTS: readonly [string, Said, "failed" | "error", RegExp][] = [
    ["an object with two faults", { "accept:production": { code: 1, stdout: "service/web serverside-applied\n", stderr: 'The Service "web" is invalid: \n* spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive\n* spec.selector: Required value\n' } }, "failed", /^production: The Service "web" is invalid: \* spec.ports.*99999.*Required value$/],
    ["an object that the server refuses", { "accept:production": { code: 1, stdout: "service/web serverside-applied\n", stderr: 'The Service "web" is invalid: spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive\n' } }, "failed", /^production: The Service "web" is invalid: .*99999/],
    ["rules that only the canary program will write", { "rules:production": { code: 1, stderr: 'The HTTPRoute "shop" is invalid: spec.rules[0].matches[0].path.type: Unsupported value: "Prefix"\n' } }, "failed", /^production: the HTTPRoute's annotation delivery\.dev\/rules: The HTTPRoute "shop" is invalid: .*"Prefix"/],
    ["a policy that refuses", { "accept:local": { code: 1, stderr: "Error from server (Forbidden): ValidatingAdmissionPolicy 'delivery-resources' denied request: containers must set\n" } }, "failed", /^local: ValidatingAdmissionPolicy 'delivery-resources'/],
    ["rights that the deployer lacks", { "accept:production": { code: 1, stderr: 'Error from server (Forbidden): cronjobs.batch "b" is forbidden: User "system:serviceaccount:shop-production:deployer" cannot patch resource "cronjobs"\n' } }, "failed", /^production: cronjobs.batch "b" is forbidden: .*cannot patch/],
    ["a kind that the cluster lacks", { "accept:local": { code: 1, stderr: 'error: resource mapping not found for name: "w" namespace: "" from "/work/rendered/local.yaml": no matches for kind "ServiceMonitor" in version "monitoring.coreos.com/v1"\nensure CRDs are installed first\n' } }, "failed", /its cluster does not have ServiceMonitor: switch it off in the environment's values$/],
    ["a Deployment whose pods Pod Security refuses", { "accept:local": { stdout: "deployment.apps/web serverside-applied\n", stderr: 'Warning: would violate PodSecurity "restricted:latest": runAsNonRoot != true\n' } }, "failed", /^local: would violate PodSecurity/],
    ["values that the schema refuses", { "lint:production": { code: 1, stderr: "[ERROR] values.yaml: - at '/services/web': additional properties 'replica' not allowed\n\nError: 1 chart(s) linted, 1 chart(s) failed\n" } }, "failed", /^production: .*'replica' not allowed/],
    ["a template that gives up", { "render:local": { code: 1, stderr: 'Error: execution error at (shop/templates/a.yaml:3:4): services.web.image is not set\n' } }, "failed", /^local: .*is not set/],
    ["a chart without objects", { "accept:local": { stdout: "" } }, "failed", /^local: the chart renders to no object at all$/],
    ["policies that do not cover a namespace", { "guard:production": { code: 0 } }, "failed", /^production: the policies let a privileged Deployment in/],
    ["a policy that is none", { policies: { code: 1, stderr: 'The ValidatingAdmissionPolicy "a" is invalid: spec.validations[0].expression: compilation failed\n' } }, "failed", /^policies: The ValidatingAdmissionPolicy "a" is invalid/],
    ["policies without any that can be checked", { policies: { code: 1, stdout: "", stderr: 'error: resource mapping not found for name: "x": no matches for kind "ClusterPolicy" in version "kyverno.io/v1"\n' } }, "failed", /no ValidatingAdmissionPolicy among them/],
    ["a server that does not start", { server: { code: 1, stderr: "etcd: bind: address already in use\n" } }, "error", /^the API server did not start: etcd: bind/],
    ["a server that goes away", { "accept:local": { code: 1, stderr: "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?\n" } }, "error", /^accept:local: the API server is gone/],
    ["a step that hangs", { "lint:local": { code: 124 } }, "error", /^lint:local: helm lint --strict did not end within 300 s/],
    ["a guard that is refused for another reason", { "guard:local": { code: 1, stderr: 'namespaces "shop-local" not found\n' } }, "error", /refused for another reason: namespaces "shop-local" not found/],
    ["definitions that the server does not take", { definitions: { code: 1, stderr: "error: invalid\n" } }, "error", /^definitions: error: invalid/],
  ]
  it.each(FAULTS)("is right about %s", (_, said, verdict, reason) => {
    expect(judged(said)).toMatchObject({ verdict, reason: expect.stringMatching(reason) as string })
  })

  it("wants one policy at least from manifests that are applied as they are", () => {
    const steps = checkSteps({ ...CHARTS, policiesAreChart: false })
    const said = { policies: { stdout: "namespace/x serverside-applied\n" } }
    expect(judged(said, steps)).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/no ValidatingAdmissionPolicy/) as string })
  })
  it("tells everything that was refused, in every environment", () => {
    const stderr = 'The Service "a" is invalid: x\n[Error from server: failed to create typed patch object: .spec.portz: field not declared in schema\n'
    const { findings } = judged({ "accept:local": { code: 1, stderr }, "accept:production": { code: 1, stderr } })
    expect(findings.map(({ message }) => message)).toEqual(["local", "production"].flatMap((name) => [`${name}: The Service "a" is invalid: x`, `${name}: failed to create typed patch object: .spec.portz: field not declared in schema`]))
  })
  it.each([0, 1, 5, STEPS.length])("never is passed when the script was killed after %i steps", (count) => {
    const ended = new Map([...told({})].slice(0, count).map(([name, { argv: _, ...end }]) => [name, { ...end, seconds: 1 }]))
    const outcomes = stepOutcomes([CHECK_SERVER, ...STEPS], { mark: "m", ranAt: 0, ranBy: "", ended })
    expect(judgeChartsCheck(STEPS, new Map(outcomes.map((outcome) => [outcome.name, outcome])), "charts/shop", 300).verdict).toBe("error")
  })
})
