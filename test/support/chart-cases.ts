import fc from "fast-check"
import { parse, stringify } from "yaml"
import { ADMISSION_CASES } from "./admission-cases.js"
import { settled, type ChartValues } from "./chart-values.js"
import { helloTree } from "./fixture.js"
import { allowedBy, type ValuesSchema } from "./schema-values.js"
import { productTree, type Tree } from "./trees.js"

const REGISTRY = "registry.example"
// The default of 300 s is for a handful of environments.
const TIMEOUT_SECONDS = 1800

/** One environment of a tree, and the values that its chart gets. */
export interface ChartCase {
  readonly name: string
  readonly values: object
}

/** The tree with one environment for each case, and with policies for all of their namespaces. */
function withCases(tree: Tree, chart: string, cases: readonly ChartCase[]): Tree {
  // As JSON, which is YAML: Helm reads YAML 1.1, where an `n` without quotes is a boolean.
  for (const { name, values } of cases) tree.write(`values/${name}.yaml`, JSON.stringify(values))
  tree.write("values/platform.yaml", stringify({ environments: Object.fromEntries(cases.map(({ name }) => [`ns-${name}`, { registries: [`${REGISTRY}/`, "localhost:5000/"] }])) }))
  const environment = (name: string) => ({ namespace: `ns-${name}`, values: [`values/${name}.yaml`], ...(name === "local" ? {} : { kubeconfig: "KUBECONFIG_X" }) })
  return tree.edit("delivery.yaml", (file) => {
    file.setIn(["chart", "path"], chart)
    file.set("environments", file.createNode(Object.fromEntries(cases.map(({ name }) => [name, environment(name)]))))
    file.set("registry", file.createNode({ address: REGISTRY }))
    file.set("policies", file.createNode({ path: "charts/platform", values: ["values/platform.yaml"] }))
    file.set("stages", file.createNode({ "charts-check": { timeoutSeconds: TIMEOUT_SECONDS } }))
  })
}

/** A chart that renders what its values hold, with an environment for each object that a policy must let in or refuse. */
export function admissionTree(): Tree {
  const tree = helloTree()
    .write("charts/objects/Chart.yaml", "apiVersion: v2\nname: objects\nversion: 1.0.0\n")
    .write("charts/objects/values.yaml", "objects: []\n")
    .write("charts/objects/templates/objects.yaml", "{{- range .Values.objects }}\n---\n{{ toYaml . }}\n{{- end }}\n")
  const cases = ADMISSION_CASES.map(({ name, objects }) => ({ name, values: { objects } }))
  // As the deployer: to whoever may escalate the policy on Roles says nothing.
  return withCases(tree, "charts/objects", [{ name: "local", values: { objects: ADMISSION_CASES[0]?.objects ?? [] } }, ...cases]).edit("delivery.yaml", (file) => file.setIn(["policies", "deployer"], "deployer"))
}

/** The product with values made from the chart's schema, and with values that the schema must refuse. */
export function valuesTree(count: number, seed: number): { readonly tree: Tree; readonly allowed: readonly ChartCase[] } {
  const tree = productTree()
  const schema = JSON.parse(tree.read("charts/docuthinker/values.schema.json")) as ValuesSchema
  const defaults = parse(tree.read("charts/docuthinker/values.yaml")) as Required<Pick<ChartValues, "services">>
  const image = `${REGISTRY}/any@sha256:${"0".repeat(64)}`
  const samples = fc.sample(allowedBy({ ...schema, required: [] }), { numRuns: count, seed }) as ChartValues[]
  const allowed = samples.map((sample, index) => {
    const values = settled(sample, defaults)
    // A service that delivery.yaml does not have gets its image from here, and every one on a track.
    const withImages = (services: object = {}): object => Object.fromEntries(Object.entries(services).map(([name, service]: [string, object]) => [name, { ...service, image }]))
    for (const track of ["canary", "blue", "green"] as const) if (values.tracks !== undefined) Object.assign(values.tracks[track].services, withImages(values.tracks[track].services))
    return { name: `ok-${index}`, values: { ...values, services: withImages(values.services) } }
  })
  const forbidden = FORBIDDEN_VALUES.map(([name, values]) => ({ name: `no-${name}`, values }))
  return { tree: withCases(tree, "charts/docuthinker", [{ name: "local", values: {} }, ...allowed, ...forbidden]), allowed }
}

/** Values that the schema must refuse, and the place that the message names. */
export const FORBIDDEN_VALUES: readonly [string, object, string][] = [
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
  ["track", { tracks: { purple: { enabled: true } } }, "purple"],
  ["router", { tracks: { router: "envoy" } }, "/tracks/router"],
  ["live-canary", { services: { backend: { live: "canary" } } }, "/services/backend/live"],
  ["track-password", { tracks: { canary: { services: { backend: { env: { DATABASE_PASSWORD: "hunter2" } } } } } }, "/tracks/canary/services/backend/env"],
  ["canary-password", { services: { backend: { canary: { env: { API_KEY: "hunter2" } } } } }, "/services/backend/canary/env"],
  ["hostname", { gateway: { hostnames: ["Shop.example"] } }, "/gateway/hostnames/0"],
]

