// Charts and policies before a real API server. One run judges many cases: each is an environment of a delivery.yaml.
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parse, stringify } from "yaml"
import type { Finding } from "../../ci/src/core/run.js"
import { ADMISSION_CASES } from "../support/admission-cases.js"
import { settled, type ChartValues } from "../support/chart-values.js"
import { call, closingLine } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import { allowedBy, type ValuesSchema } from "../support/schema-values.js"
import { productTree, type Tree } from "../support/trees.js"

const REGISTRY = "registry.example"
const FUZZED = 40
const SEED = 20261123
// The chart's default of 300 s is for a handful of environments.
const MANY = { charts: "charts-check", timeoutSeconds: 1800 }

interface Checked {
  readonly name: string
  readonly values: object
}

/** The tree with one environment for each case, and with policies for all of their namespaces. */
function withCases(tree: Tree, chart: string, cases: readonly Checked[]): Tree {
  for (const { name, values } of cases) tree.write(`values/${name}.yaml`, stringify(values))
  tree.write("values/platform.yaml", stringify({ environments: Object.fromEntries(cases.map(({ name }) => [`ns-${name}`, { registries: [`${REGISTRY}/`, "localhost:5000/"] }])) }))
  return tree.edit("delivery.yaml", (file) => {
    file.setIn(["chart", "path"], chart)
    file.set("environments", file.createNode(Object.fromEntries(cases.map(({ name }) => [name, { namespace: `ns-${name}`, values: [`values/${name}.yaml`], ...(name === "local" ? {} : { kubeconfig: "KUBECONFIG_X" }) }]))))
    file.set("registry", file.createNode({ address: REGISTRY }))
    file.set("policies", file.createNode({ path: "charts/platform", values: ["values/platform.yaml"] }))
    file.setIn(["stages", MANY.charts, "timeoutSeconds"], MANY.timeoutSeconds)
  })
}

async function checked(tree: Tree, what: string) {
  const run = newRun(what)
  const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "charts-check"], { limitSeconds: 2400 })
  return { run, ended, row: run.stage("charts-check") }
}
const about = (name: string, findings: readonly Finding[]): readonly string[] => findings.map(({ message }) => message).filter((message) => message.startsWith(`${name}: `))

describe("this repository's chart", () => {
  it("is accepted for every environment, under the policies, with the deployer's rights, and from the cache the second time", async () => {
    const first = await checked(productTree(), "charts")
    expect(first.row, first.ended.output).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/^4 environments: Kubernetes v1\.34\.\S+ accepts \d{2,} objects, 5 policies in force$/) })
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
    ["rights that the deployer must not need", (tree) => tree.write("charts/docuthinker/templates/planted.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: planted\nrules: []\n"), "failed", /^local: .*planted.*cannot patch resource "roles"/],
    ["a namespace that no policy covers", (tree) => tree.edit("delivery.yaml", (file) => file.setIn(["environments", "staging", "namespace"], "elsewhere")), "failed", /^staging: the policies let a privileged Deployment in/],
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
    const cases = ADMISSION_CASES.map(({ name, objects }) => ({ name, values: { objects } }))
    const tree = helloTree()
      .write("charts/objects/Chart.yaml", "apiVersion: v2\nname: objects\nversion: 1.0.0\n")
      .write("charts/objects/values.yaml", "objects: []\n")
      .write("charts/objects/templates/objects.yaml", "{{- range .Values.objects }}\n---\n{{ toYaml . }}\n{{- end }}\n")
    const { row, ended } = await checked(withCases(tree, "charts/objects", [{ name: "local", values: { objects: ADMISSION_CASES[0]?.objects ?? [] } }, ...cases]), "policies")
    expect(row.verdict, ended.output).toBe("failed")
    const answers = Object.fromEntries(ADMISSION_CASES.map(({ name }) => [name, /ValidatingAdmissionPolicy '([^']+)'/.exec(about(name, row.findings).join("\n"))?.[1] ?? about(name, row.findings)[0] ?? null]))
    expect(answers).toEqual(Object.fromEntries(ADMISSION_CASES.map(({ name, refusedBy }) => [name, refusedBy])))
  })
})

/** Values that the schema must refuse, and the place that the message names. */
const FORBIDDEN: readonly [string, object, string][] = [
  ["top", { replicaCount: 3 }, "replicaCount"],
  ["gateway", { gateway: { class: "x" } }, "class"],
  ["probe", { probes: { liveness: { path: "/" } } }, "path"],
  ["database", { databases: { mysql: {} } }, "mysql"],
  ["low-port", { services: { backend: { port: 80 } } }, "/services/backend/port"],
  ["text-port", { services: { backend: { port: "3000" } } }, "/services/backend/port"],
  ["no-replicas", { services: { backend: { replicas: 0 } } }, "/services/backend/replicas"],
  ["dotted-path", { services: { backend: { routes: ["/a/../b"] } } }, "/services/backend/routes/0"],
  ["open-path", { services: { backend: { health: "health" } } }, "/services/backend/health"],
  ["own-port", { services: { backend: { env: { PORT: 1 } } } }, "/services/backend/env"],
  ["password", { services: { backend: { env: { DATABASE_PASSWORD: "hunter2" } } } }, "/services/backend/env"],
  ["url", { services: { backend: { env: { CACHE: "redis://:hunter2@cache/0" } } } }, "/services/backend/env/CACHE"],
  ["cidr", { services: { backend: { egress: [{ cidr: "300.0.0.0/8", port: 1 }] } } }, "/services/backend/egress/0/cidr"],
  ["all-cidr", { databases: { redis: { cidrs: ["0.0.0.0/0"] } } }, "/databases/redis/cidrs/0"],
  ["memory", { tmp: { sizeLimit: "64" } }, "/tmp/sizeLimit"],
  ["never-asked", { externalSecrets: { refreshInterval: "0s" } }, "/externalSecrets/refreshInterval"],
  ["schedule", { backup: { schedule: "99 2 * * *" } }, "/backup/schedule"],
  ["commit", { release: { commit: "a b" } }, "/release/commit"],
  ["by-tag", { images: { redis: "redis:7" } }, "/images/redis"],
  ["hostname", { gateway: { hostnames: ["Shop.example"] } }, "/gateway/hostnames/0"],
]

describe("the values of the chart", () => {
  it("are what the schema says: what it allows is accepted, what it forbids is refused", async () => {
    const tree = productTree()
    const schema = JSON.parse(tree.read("charts/docuthinker/values.schema.json")) as ValuesSchema
    const defaults = parse(tree.read("charts/docuthinker/values.yaml")) as Required<Pick<ChartValues, "services">>
    const samples = fc.sample(allowedBy({ ...schema, required: [] }), { numRuns: FUZZED, seed: SEED }) as ChartValues[]
    const stand = { image: `${REGISTRY}/any@sha256:${"0".repeat(64)}` }
    const images = { postgresql: stand.image, redis: stand.image }
    // A service that delivery.yaml does not have gets its image from here.
    const allowed = samples.map((sample, index) => {
      const values = settled(sample, defaults)
      const services = Object.entries(values.services ?? {}).map(([name, service]) => [name, { ...service, ...stand }])
      return { name: `ok-${index}`, values: { ...values, images, services: Object.fromEntries(services) } }
    })
    const forbidden = FORBIDDEN.map(([name, values]) => ({ name: `no-${name}`, values }))
    const { row, ended } = await checked(withCases(tree, "charts/docuthinker", [{ name: "local", values: {} }, ...allowed, ...forbidden]), "values")
    expect(row.verdict, ended.output).toBe("failed")
    expect(allowed.flatMap(({ name }) => about(name, row.findings))).toEqual([])
    for (const [name, , place] of FORBIDDEN) expect(about(`no-${name}`, row.findings).join("\n"), name).toContain(place)
    expect(row.findings.filter(({ rule }) => rule === "refused" || rule === "pod-security")).toEqual([])
  })
})
