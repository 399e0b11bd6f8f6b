// Charts and policies before a real API server. One run judges many cases: each is an environment of a delivery.yaml.
import { describe, expect, it } from "vitest"
import type { Finding } from "../../ci/src/core/run.js"
import { ADMISSION_CASES } from "../support/admission-cases.js"
import { admissionTree, FORBIDDEN_VALUES, valuesTree } from "../support/chart-cases.js"
import { call, closingLine } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { productTree, type Tree } from "../support/trees.js"

const FUZZED = 40
const SEED = 20261123

async function checked(tree: Tree, what: string) {
  const run = newRun(what)
  const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "charts-check"], { limitSeconds: 2400 })
  return { run, ended, row: run.stage("charts-check") }
}
const about = (name: string, findings: readonly Finding[]): readonly string[] => findings.map(({ message }) => message).filter((message) => message.startsWith(`${name}: `))

describe("this repository's chart", () => {
  it("is accepted for every environment, under the policies, with the deployer's rights, and from the cache the second time", async () => {
    const first = await checked(productTree(), "charts")
    expect(first.row, first.ended.output).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/^4 environments: Kubernetes v1\.34\.\S+ accepts \d{2,} objects, 6 policies in force$/) })
    expect(first.ended.status).toBe(0)
    expect(first.run.text("charts/production.yaml")).toContain("kind: HorizontalPodAutoscaler")
    expect((await checked(productTree(), "charts-again")).row).toMatchObject({ verdict: "passed", cached: true })
  })

  const FAULTS: readonly [string, (tree: Tree) => Tree, "failed" | "error", RegExp][] = [
    ["a kind that the cluster of local does not have", (tree) => tree.edit("charts/docuthinker/values-local.yaml", (values) => values.setIn(["serviceMonitor", "enabled"], true)), "failed", /^local: .*does not have ServiceMonitor: switch it off/],
    ["a key that the schema does not know", (tree) => tree.edit("charts/docuthinker/values-prod.yaml", (values) => values.setIn(["services", "backend", "replica"], 3)), "failed", /^production: .*'replica' not allowed/],
    ["a secret in clear", (tree) => tree.edit("charts/docuthinker/values-prod.yaml", (values) => values.setIn(["services", "backend", "env"], { DATABASE_URL: "postgres://app:hunter2@db/app" })), "failed", /^production: .*\/services\/backend\/env\/DATABASE_URL/],
    ["an object that only an API server refuses", (tree) => tree.write("charts/docuthinker/templates/planted.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: planted\nspec:\n  ports:\n    - port: 99999\n"), "failed", /^local: .*planted.*99999/],
    ["a field that no API has", (tree) => tree.write("charts/docuthinker/templates/planted.yaml", "apiVersion: v1\nkind: Service\nmetadata:\n  name: planted\nspec:\n  portz: []\n"), "failed", /^local: .*portz/],
    ["rights that the deployer must not need", (tree) => tree.write("charts/docuthinker/templates/planted.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: planted\nrules: []\n"), "failed", /^local: .*planted.*cannot patch resource "clusterroles"/],
    ["rights that the deployer must not give", (tree) => tree.write("charts/docuthinker/templates/planted.yaml", `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: planted-switch\nrules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]\n`), "failed", /^local: .*planted-switch.*delivery-roles.*get and patch of what carries a track's weight/],
    ["a track that nobody watches over", (tree) => tree.edit("charts/docuthinker/values-dev.yaml", (values) => values.setIn(["tracks", "canary", "enabled"], true)), "failed", /^dev: .*tracks\.canary\.enabled: expected tracks\.enabled: true/],
    ["a namespace that no policy covers", (tree) => tree.edit("delivery.yaml", (file) => file.setIn(["environments", "staging", "namespace"], "elsewhere")), "failed", /^staging: the policies let a privileged Deployment in/],
    ["rules that Helm leaves to the canary program", (tree) => tree.write("charts/docuthinker/templates/_rules.tpl", tree.read("charts/docuthinker/templates/_rules.tpl").replace("PathPrefix", "Prefix")).edit("charts/docuthinker/values-dev.yaml", (values) => values.setIn(["tracks", "enabled"], true)), "failed", /^(local|dev): .*Unsupported value: "Prefix"/],
    ["a registry that the policies do not allow", (tree) => tree.edit("delivery.yaml", (file) => file.setIn(["registry", "address"], "docker.io/somebody")), "failed", /^dev: .*delivery-registries.*docker\.io\/somebody/],
    ["an image without an API server", (tree) => tree.edit("delivery.yaml", (file) => file.set("images", file.createNode({ "kubernetes-airgap": "debian:bookworm-slim", k3s: "debian:bookworm-slim" }))), "error", /^the API server did not start: /],
  ]
  it.each(FAULTS)("has a verdict on %s", async (_, change, verdict, reason) => {
    const { row, ended } = await checked(change(productTree()), "charts-fault")
    expect(row, ended.output).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
    expect(ended.status, closingLine(ended)).toBe(verdict === "failed" ? 1 : 2)
  })
})

describe("the admission policies", () => {
  it("let in what they must and refuse what they must, each by its own name", async () => {
    const { row, ended } = await checked(admissionTree(), "policies")
    expect(row.verdict, ended.output).toBe("failed")
    const answers = Object.fromEntries(ADMISSION_CASES.map(({ name }) => [name, /ValidatingAdmissionPolicy '([^']+)'/.exec(about(name, row.findings).join("\n"))?.[1] ?? about(name, row.findings)[0] ?? null]))
    expect(answers).toEqual(Object.fromEntries(ADMISSION_CASES.map(({ name, refusedBy }) => [name, refusedBy])))
  })
})

describe("the values of the chart", () => {
  it("are what the schema says: what it allows is accepted, what it forbids is refused", async () => {
    const { tree, allowed } = valuesTree(FUZZED, SEED)
    const { row, ended } = await checked(tree, "values")
    expect(row.verdict, ended.output).toBe("failed")
    expect(allowed.flatMap(({ name }) => about(name, row.findings.filter(({ severity }) => severity !== "low")))).toEqual([])
    for (const [name, , place] of FORBIDDEN_VALUES) expect(about(`no-${name}`, row.findings).join("\n"), name).toContain(place)
    expect(row.findings.filter(({ rule }) => rule === "refused" || rule === "pod-security")).toEqual([])
  })
})
