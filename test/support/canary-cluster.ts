import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parse, stringify } from "yaml"
import { removeAfterTests } from "./cleanup.js"
import { ROOT } from "./daggerw.js"
import { kit } from "./kit.js"
import { claimGateway } from "./lasting-gateway.js"
import { productTree, type Tree } from "./trees.js"

/** The ends of the cluster's wire: pods reach the first one, everybody the second. */
export const HOST = "10.90.0.1"
export const NODE = "10.90.0.2"
export const REGISTRY = `${HOST}:5000`
export const GATEWAY = `http://${NODE}:30080/`
const PROMETHEUS = `http://${NODE}:30090`

const TEST_VALUES = "charts/docuthinker/values-test.yaml"

/** What a canary in the test differs by. */
export interface CanarySettings {
  /** Variables of each service's canary alone. */
  readonly faults?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Variables of each service of the release, on whatever track. */
  readonly env?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly strategy?: object | string
  /** Of the chart, over its own. */
  readonly values?: object
  /** Keys of delivery.yaml beside the environments. */
  readonly top?: object
}

/** Steps as short as the requests of the test allow. */
export const SHORT_CANARY = {
  steps: [{ weightPercent: 25, holdSeconds: 2, maximumSeconds: 120 }, { weightPercent: 100, holdSeconds: 2, maximumSeconds: 60 }],
  // All of it shares the machine's cores.
  slo: { latencyMs: 1000 },
  intervalSeconds: 2,
  inconclusive: "rollback",
  traffic: { script: "perf/scenarios/visitors.ts", requestsPerSecond: 60, always: true },
}

/** The product with an environment on the lasting cluster. */
export function writeCanary(tree: Tree, namespace: string, { faults = {}, env = {}, strategy = { canary: SHORT_CANARY }, values = {}, top = {} }: CanarySettings): Tree {
  const delivery = parse(readFileSync(join(ROOT, "delivery.yaml"), "utf8")) as { services: Record<string, object>; [key: string]: unknown }
  const services = Object.fromEntries(Object.entries(delivery.services).map(([name, service]) => [name, { ...service, ...(env[name] === undefined ? {} : { env: env[name] }), ...(faults[name] === undefined ? {} : { canary: { env: faults[name] } }) }]))
  const staging = { kubeconfig: "KUBECONFIG_STAGING", namespace, baseUrl: GATEWAY.replace(/\/$/, ""), allowPerf: true, prometheus: PROMETHEUS, values: ["charts/docuthinker/values-local.yaml", TEST_VALUES], strategy }
  tree.write(TEST_VALUES, stringify(values))
  return tree.write("delivery.yaml", stringify({ ...delivery, ...top, services, registry: { address: REGISTRY }, environments: { staging }, stages: { canary: { timeoutSeconds: 600 } } }))
}

export const canaryTree = (namespace: string): Tree => writeCanary(productTree(), namespace, {})

/** The lasting cluster, and a kubectl for it; with its gateway for this namespace alone, or, where the test has an entrance of its own, for whoever has it. */
export function canaryCluster(namespace: string | null): { readonly kubeconfig: string; readonly kubeconfigFile: string; readonly kubectl: (...argv: string[]) => string } {
  kit("cluster", "up")
  const kubeconfig = kit("cluster", "kubeconfig")
  const folder = mkdtempSync(join(tmpdir(), "delivery-kubeconfig-"))
  removeAfterTests(folder)
  const kubeconfigFile = join(folder, "config")
  writeFileSync(kubeconfigFile, kubeconfig, { mode: 0o600 })
  const kubectl = (...argv: string[]): string => execFileSync("kubectl", argv, { encoding: "utf8", env: { ...process.env, KUBECONFIG: kubeconfigFile } })
  if (namespace !== null) claimGateway(kubectl, namespace)
  return { kubeconfig, kubeconfigFile, kubectl }
}
