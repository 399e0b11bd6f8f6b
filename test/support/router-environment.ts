import { parse, stringify } from "yaml"
import { HOST, NODE, SHORT_CANARY, type CanarySettings } from "./canary-cluster.js"
import { COUNTERS_PORT, ENTRANCE, ENTRANCE_PORT, entranceManifests, podTargets, type EntranceImages, type IngressController } from "./plain-entrance.js"
import { ProductOnCluster, type ProductSettings } from "./product-on-cluster.js"

export const ENTRANCE_URL = `http://${NODE}:${ENTRANCE_PORT}`
const VALUES = "charts/docuthinker/values-routers.yaml"

export interface RouterEnvironment extends Omit<ProductSettings, "gateway"> {
  readonly strategy: object
  readonly replicas: number
  readonly controller: IngressController
  /** Images of the way in; those that are left out are the cluster's own. */
  readonly images?: () => Promise<Partial<EntranceImages>>
}

/** The product on the lasting cluster, behind an Ingress controller of its own and with a Prometheus that scrapes its pods. */
export class RouterTest extends ProductOnCluster {
  #targets: { readonly close: () => void } | null = null

  constructor(readonly environment: RouterEnvironment) {
    super({ ...environment, gateway: false })
  }

  protected override async prepare(kubeconfig: string): Promise<void> {
    const { controller, images = async () => ({}) } = this.environment
    // What a killed run has left: its Prometheus asks for pods that nobody tells it of any more.
    this.remove()
    const targets = await podTargets(kubeconfig, this.namespace, HOST)
    this.#targets = targets
    const imageOf = (name: string, of: string): string => this.kubectl("get", `deployment/${name}`, "-n", of, "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    const items = entranceManifests(this.namespace, { traefik: imageOf("traefik", "gateway"), prometheus: imageOf("prometheus", "monitoring"), ...(await images()) }, controller, targets.url)
    this.apply({ apiVersion: "v1", kind: "List", items })
    for (const name of ["traefik", "prometheus"]) this.kubectl("rollout", "status", "-n", ENTRANCE, `deployment/${name}`, "--timeout=120s")
  }

  override down(): void {
    this.#targets?.close()
    super.down()
  }

  protected override remove(): void {
    this.kubectl("delete", "namespace", this.namespace, ENTRANCE, "--ignore-not-found")
    this.kubectl("delete", "clusterrole,clusterrolebinding", ENTRANCE, "--ignore-not-found")
  }

  override write(settings: CanarySettings): void {
    const { strategy, replicas } = this.environment
    super.write({ strategy: { canary: strategy }, ...settings })
    const delivery = parse(this.tree.read("delivery.yaml")) as { environments: { staging: { values: string[] } & Record<string, unknown> } }
    const { staging } = delivery.environments
    Object.assign(staging, { baseUrl: ENTRANCE_URL, prometheus: `http://${NODE}:${COUNTERS_PORT}`, values: [...staging.values, VALUES] })
    this.tree.write("delivery.yaml", stringify(delivery))
    const services = { frontend: { replicas }, backend: { replicas } }
    this.tree.write(VALUES, stringify({ gateway: { enabled: false }, ingress: { enabled: true, namespace: ENTRANCE }, networkPolicy: { scraperNamespaces: [ENTRANCE] }, services }))
  }
}

export const shortSteps = (...weights: number[]): object[] => weights.map((weightPercent) => ({ weightPercent, holdSeconds: 2, maximumSeconds: 120 }))
export const shortCanary = (more: object): object => ({ ...SHORT_CANARY, ...more })
