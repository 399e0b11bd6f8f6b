import { join } from "node:path"
import { canaryCluster, canaryTree, REGISTRY, writeCanary, type CanarySettings } from "./canary-cluster.js"
import type { Ended, RunningCommand } from "./command.js"
import { call, newRunId, ROOT, startCall } from "./daggerw.js"
import { kit } from "./kit.js"
import { putFileImage } from "./registry-artifact.js"
import { newRun, runFolder } from "./runs.js"
import type { Tree } from "./trees.js"

/** Of the product's chart. */
export const RELEASE = "docuthinker"

export interface HttpRoute {
  readonly spec: { readonly rules: readonly { readonly backendRefs: readonly { readonly weight: number }[] }[] }
}

/** What a route gives the track, in percent: the second of a rule's two ways is the track's. */
export const trackWeight = ({ spec }: HttpRoute): number => Math.max(0, ...spec.rules.map(({ backendRefs }) => backendRefs[1]?.weight ?? 0))

export interface ProductSettings {
  readonly namespace: string
  /** How its commits begin: releases of other tests lie in the same registry. */
  readonly prefix: string
  /** The cluster's one gateway for this namespace alone; not where the product has a way in of its own. */
  readonly gateway?: boolean
}

/** The product on the lasting cluster, and the calls that deploy its releases: the images of the first, under a commit for each case. */
export class ProductOnCluster {
  readonly tree: Tree
  readonly namespace: string
  readonly first: string
  readonly #prefix: string
  readonly #gateway: boolean
  #commits = 0
  #images: object = {}
  // Until it has been asked: a test that fails before that must not take away what others use.
  #wasUp = true
  #kubeconfig = ""
  /** Credentials that delivery.yaml names besides the cluster's, by their names. */
  secrets: Readonly<Record<string, string>> = {}
  /** Of the cluster's administrator. */
  kubeconfigFile = ""
  kubectl: (...argv: string[]) => string = () => ""

  constructor({ namespace, prefix, gateway = true }: ProductSettings) {
    this.namespace = namespace
    this.tree = canaryTree(namespace)
    this.first = prefix.padEnd(40, "0")
    this.#prefix = prefix
    this.#gateway = gateway
  }

  /** Brings the cluster up and pushes the first release; what it was pushed with is deployed by nobody yet. */
  async up(): Promise<void> {
    this.#wasUp = kit("cluster", "status").includes("is Ready")
    const { kubeconfig, kubeconfigFile, kubectl } = canaryCluster(this.#gateway ? this.namespace : null)
    this.kubeconfigFile = kubeconfigFile
    this.#kubeconfig = kubeconfig
    this.kubectl = kubectl
    await this.prepare(kubeconfig)
    this.write({})
    const { runId } = newRun("product")
    const pushed = await call(this.#argumentsOf(this.first, runId, ["push", "--skip=scan"]), this.#options)
    if (pushed.status !== 0) throw new Error(pushed.output)
    this.#images = (JSON.parse(runFolder(join(ROOT, ".delivery/runs", runId), runId).text("release.json")) as { images: object }).images
  }

  /** The same, with the first release rolled out. */
  async upWithFirst(): Promise<void> {
    await this.up()
    const ended = await this.deploy(this.first)
    if (ended.status !== 0) throw new Error(ended.output)
  }

  /** What a cluster needs besides, before anything is pushed. */
  protected async prepare(_kubeconfig: string): Promise<void> {}

  down(): void {
    // The next file is on it too, and whoever runs both stops it.
    const stays = this.#wasUp || process.env["DELIVERY_TEST_KEEPS_CLUSTER"] !== undefined
    if (stays) this.remove()
    else kit("cluster", "down")
  }

  protected remove(): void {
    this.kubectl("delete", "namespace", this.namespace, "--ignore-not-found")
  }

  write(settings: CanarySettings): void {
    writeCanary(this.tree, this.namespace, settings)
  }

  apply(manifest: object): void {
    this.tree.write("manifest.json", JSON.stringify(manifest))
    this.kubectl("apply", "-f", join(this.tree.path, "manifest.json"))
    this.tree.remove("manifest.json")
  }

  get #options() {
    return { env: { KUBECONFIG_STAGING: this.#kubeconfig, ...this.secrets }, limitSeconds: 900 }
  }

  #argumentsOf(commit: string, runId: string, argv: readonly string[]): string[] {
    return [`--source=${this.tree.path}`, `--commit=${commit}`, "--dirty=false", ...["KUBECONFIG_STAGING", ...Object.keys(this.secrets)].map((name) => `--credentials=env:${name}`), `--run-id=${runId}`, ...argv]
  }

  /** A call on staging, such as `canary-status`. */
  onStaging(commit: string, what: string, ...argv: string[]): Promise<Ended> {
    return call(this.#argumentsOf(commit, newRunId("product"), [what, "--environment=staging", ...argv]), this.#options)
  }

  start(commit: string, settings: CanarySettings = {}): RunningCommand {
    this.write(settings)
    return startCall(this.#argumentsOf(commit, newRunId("product"), ["deploy", "--environment=staging"]), this.#options)
  }

  deploy(commit: string, settings: CanarySettings = {}): Promise<Ended> {
    return this.start(commit, settings).ended
  }

  async nextCommit(): Promise<string> {
    this.#commits += 1
    const commit = `${this.#prefix}${this.#commits.toString(16).padStart(40 - this.#prefix.length, "0")}`
    await putFileImage(REGISTRY, RELEASE, `release-${commit}`, "release.json", JSON.stringify({ schemaVersion: 1, commit, images: this.#images, chartDigest: null }))
    return commit
  }

  /** Of the track on the gateway's route; 0 when no track is there. */
  weight(): number {
    return trackWeight(JSON.parse(this.kubectl("get", "httproute", RELEASE, "-n", this.namespace, "-o", "json")) as HttpRoute)
  }

  /** The rollout's state, as its controller has recorded it. */
  #state(): { readonly phase: string; readonly judge: { readonly steps: readonly Readonly<Record<string, { readonly canary: { readonly total: number } }>>[] } } {
    return JSON.parse(this.kubectl("get", "configmap", `delivery-${RELEASE}-rollout`, "-n", this.namespace, "-o", "jsonpath={.data.state\\.json}"))
  }

  phase(): string {
    return this.#state().phase
  }

  /** Of the canary, which the judge knows of. */
  countedRequests(): number {
    return this.#state().judge.steps.reduce((sum, step) => sum + (step["errors"]?.canary.total ?? 0), 0)
  }

  /** Service, track and commit of each pod that is to stay, a line each. */
  pods(): string {
    const { items } = JSON.parse(this.kubectl("get", "pods", "-n", this.namespace, "-l", "app.kubernetes.io/component in (frontend,backend,ai-ml)", "-o", "json")) as { items: { metadata: { labels: Record<string, string>; deletionTimestamp?: string } }[] }
    const staying = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    return staying.map(({ metadata: { labels } }) => `${labels["app.kubernetes.io/component"]} ${labels["delivery.dev/track"]} ${labels["app.kubernetes.io/version"]}`).sort().join("\n")
  }

  /** Tracks that have pods which are to stay. */
  tracks(): string[] {
    return [...new Set(this.pods().split("\n").map((line) => line.split(" ")[1] ?? ""))].sort()
  }

  revisions(): string {
    return this.kubectl("get", "secrets", "-n", this.namespace, "-l", "owner=helm", "-o", "name")
  }
}
