import { join } from "node:path"
import { parse, stringify } from "yaml"
import { canaryCluster, canaryTree, HOST, kit, NODE, REGISTRY, SHORT_CANARY, writeCanary, type CanarySettings } from "./canary-cluster.js"
import type { Ended, RunningCommand } from "./command.js"
import { call, newRunId, ROOT, startCall } from "./daggerw.js"
import { COUNTERS_PORT, ENTRANCE, ENTRANCE_PORT, entranceManifests, podTargets, type EntranceImages, type IngressController } from "./plain-entrance.js"
import { putFileImage } from "./registry-artifact.js"
import { newRun, runFolder } from "./runs.js"

export const ROUTER_RELEASE = "docuthinker"
export const ENTRANCE_URL = `http://${NODE}:${ENTRANCE_PORT}`
const VALUES = "charts/docuthinker/values-routers.yaml"

export interface RouterEnvironment {
  readonly namespace: string
  readonly strategy: object
  /** First digit of its commits: releases of other tests lie in the same registry. */
  readonly digit: string
  readonly replicas: number
  readonly controller: IngressController
  /** Images of the way in; those that are left out are the cluster's own. */
  readonly images?: () => Promise<Partial<EntranceImages>>
}

/** The product on the lasting cluster, behind an Ingress controller of its own and with a Prometheus that scrapes its pods. */
export class RouterTest {
  readonly #tree
  readonly first: string
  #commits = 0
  #images: object = {}
  #wasUp = false
  #kubeconfig = ""
  #targets: { readonly close: () => void } | null = null
  kubectl: (...argv: string[]) => string = () => ""

  constructor(readonly environment: RouterEnvironment) {
    this.#tree = canaryTree(environment.namespace)
    this.first = environment.digit.repeat(40)
  }

  async up(): Promise<void> {
    const { namespace, controller, images = async () => ({}) } = this.environment
    this.#wasUp = kit("cluster", "status").includes("is Ready")
    const { kubeconfig, kubectl } = canaryCluster(null)
    this.#kubeconfig = kubeconfig
    this.kubectl = kubectl
    const targets = await podTargets(kubeconfig, namespace, HOST)
    this.#targets = targets
    const imageOf = (name: string, of: string): string => kubectl("get", `deployment/${name}`, "-n", of, "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    const items = entranceManifests(namespace, { traefik: imageOf("traefik", "gateway"), prometheus: imageOf("prometheus", "monitoring"), ...(await images()) }, controller, targets.url)
    this.#tree.write("entrance.json", JSON.stringify({ apiVersion: "v1", kind: "List", items }))
    kubectl("apply", "-f", join(this.#tree.path, "entrance.json"))
    this.#tree.remove("entrance.json")
    for (const name of ["traefik", "prometheus"]) kubectl("rollout", "status", "-n", ENTRANCE, `deployment/${name}`, "--timeout=120s")
    this.write({})
    const run = newRun("routers")
    const pushed = await call(this.#argumentsOf(this.first, run.runId, ["push", "--skip=scan"]), { env: { KUBECONFIG_STAGING: kubeconfig }, limitSeconds: 900 })
    if (pushed.status !== 0) throw new Error(pushed.output)
    this.#images = (JSON.parse(runFolder(join(ROOT, ".delivery/runs", run.runId), run.runId).text("release.json")) as { images: object }).images
  }

  down(): void {
    this.#targets?.close()
    if (!this.#wasUp) return void kit("cluster", "down")
    this.kubectl("delete", "namespace", this.environment.namespace, ENTRANCE, "--ignore-not-found")
    this.kubectl("delete", "clusterrole,clusterrolebinding", ENTRANCE, "--ignore-not-found")
  }

  write(settings: CanarySettings): void {
    const { namespace, strategy, replicas } = this.environment
    writeCanary(this.#tree, namespace, { strategy: { canary: strategy }, ...settings })
    const delivery = parse(this.#tree.read("delivery.yaml")) as { environments: { staging: { values: string[] } & Record<string, unknown> } }
    const { staging } = delivery.environments
    Object.assign(staging, { baseUrl: ENTRANCE_URL, prometheus: `http://${NODE}:${COUNTERS_PORT}`, values: [...staging.values, VALUES] })
    this.#tree.write("delivery.yaml", stringify(delivery))
    const services = { frontend: { replicas }, backend: { replicas } }
    this.#tree.write(VALUES, stringify({ gateway: { enabled: false }, ingress: { enabled: true, namespace: ENTRANCE }, networkPolicy: { scraperNamespaces: [ENTRANCE] }, services }))
  }

  #argumentsOf(commit: string, runId: string, argv: readonly string[]): string[] {
    return [`--source=${this.#tree.path}`, `--commit=${commit}`, "--dirty=false", "--credentials=env:KUBECONFIG_STAGING", `--run-id=${runId}`, ...argv]
  }

  onStaging(commit: string, ...argv: string[]): Promise<Ended> {
    return call(this.#argumentsOf(commit, newRunId("routers"), argv), { env: { KUBECONFIG_STAGING: this.#kubeconfig }, limitSeconds: 900 })
  }

  start(commit: string, settings: CanarySettings): RunningCommand {
    this.write(settings)
    return startCall(this.#argumentsOf(commit, newRunId("routers"), ["deploy", "--environment=staging"]), { env: { KUBECONFIG_STAGING: this.#kubeconfig }, limitSeconds: 900 })
  }

  deploy(commit: string, settings: CanarySettings = {}): Promise<Ended> {
    this.write(settings)
    return this.onStaging(commit, "deploy", "--environment=staging")
  }

  /** A commit of its own for each case, with the images of the first. */
  async nextCommit(): Promise<string> {
    this.#commits += 1
    const commit = `${this.environment.digit}${this.#commits.toString(16).padStart(39, "0")}`
    await putFileImage(REGISTRY, ROUTER_RELEASE, `release-${commit}`, "release.json", JSON.stringify({ schemaVersion: 1, commit, images: this.#images, chartDigest: null }))
    return commit
  }

  /** Service, track and commit of each pod that is to stay. */
  pods(): string {
    const { items } = JSON.parse(this.kubectl("get", "pods", "-n", this.environment.namespace, "-l", "app.kubernetes.io/component in (frontend,backend,ai-ml)", "-o", "json")) as { items: { metadata: { labels: Record<string, string>; deletionTimestamp?: string } }[] }
    const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    return staying.map(({ metadata: { labels } }) => `${labels["app.kubernetes.io/component"]} ${labels["delivery.dev/track"]} ${labels["app.kubernetes.io/version"]}`).sort().join("\n")
  }

  revisions(): string {
    return this.kubectl("get", "secrets", "-n", this.environment.namespace, "-l", "owner=helm", "-o", "name")
  }
}

export const shortSteps = (...weights: number[]): object[] => weights.map((weightPercent) => ({ weightPercent, holdSeconds: 2, maximumSeconds: 120 }))
export const shortCanary = (more: object): object => ({ ...SHORT_CANARY, ...more })
