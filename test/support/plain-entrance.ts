import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { CoreV1Api, KubeConfig } from "./kubernetes.js"

/** Where the way in and the Prometheus of the test run. */
export const ENTRANCE = "plain-entrance"
export const ENTRANCE_PORT = 30181
export const COUNTERS_PORT = 30191

export interface EntranceImages {
  readonly traefik: string
  readonly prometheus: string
}

const security = { runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, seccompProfile: { type: "RuntimeDefault" } }
const contained = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } }

function deployment(name: string, container: object, port: number, nodePort: number, volumes: readonly object[]): readonly object[] {
  const labels = { "app.kubernetes.io/name": name }
  return [
    { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: ENTRANCE }, spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { serviceAccountName: "entrance", securityContext: security, containers: [{ name, imagePullPolicy: "IfNotPresent", securityContext: contained, ports: [{ containerPort: port }], ...container }], volumes } } } },
    { apiVersion: "v1", kind: "Service", metadata: { name, namespace: ENTRANCE }, spec: { type: "NodePort", selector: labels, ports: [{ port, targetPort: port, nodePort }] } },
  ]
}

/** `plain` knows no weights and gives every endpoint of a Service its turn; `nginx` does what the annotations of ingress-nginx say. */
export type IngressController = "plain" | "nginx"

const provider: Readonly<Record<IngressController, (namespace: string) => readonly string[]>> = {
  plain: (namespace) => ["--providers.kubernetesingress=true", `--providers.kubernetesingress.namespaces=${namespace}`, "--providers.kubernetesingress.disableclusterscoperesources=true"],
  nginx: (namespace) => ["--providers.kubernetesingressnginx=true", `--providers.kubernetesingressnginx.watchnamespace=${namespace}`, "--providers.kubernetesingressnginx.watchingresswithoutclass=true"],
}

/**
 * A way in of its own, and a Prometheus that scrapes the pods themselves; which those are it asks at `targets`, since Debian's build cannot ask the
 * API server.
 */
export function entranceManifests(namespace: string, images: EntranceImages, controller: IngressController, targets: string): readonly object[] {
  const read = ["get", "list", "watch"]
  const scrape = `global: {scrape_interval: 2s, scrape_timeout: 2s}\nscrape_configs:\n  - job_name: pods\n    http_sd_configs: [{url: "${targets}", refresh_interval: 2s}]\n`
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: ENTRANCE } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "entrance", namespace: ENTRANCE } },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: ENTRANCE }, rules: [{ apiGroups: [""], resources: ["services", "secrets", "configmaps", "namespaces"], verbs: read }, { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read }, { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: read }] },
    { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: { name: ENTRANCE }, roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: ENTRANCE }, subjects: [{ kind: "ServiceAccount", name: "entrance", namespace: ENTRANCE }] },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "scrape", namespace: ENTRANCE }, data: { "prometheus.yml": scrape } },
    ...deployment(
      "traefik",
      {
        image: images.traefik,
        command: ["/usr/local/bin/traefik"],
        args: ["--entrypoints.web.address=:8000", "--ping=true", "--global.checknewversion=false", "--global.sendanonymoususage=false", "--providers.providersthrottleduration=200ms", ...provider[controller](namespace)],
      },
      8000,
      ENTRANCE_PORT,
      [],
    ),
    ...deployment(
      "prometheus",
      {
        image: images.prometheus,
        command: ["/bin/prometheus"],
        args: ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus", "--log.level=warn"],
        volumeMounts: [{ name: "config", mountPath: "/etc/prometheus", readOnly: true }, { name: "data", mountPath: "/prometheus" }],
      },
      9090,
      COUNTERS_PORT,
      [{ name: "config", configMap: { name: "scrape" } }, { name: "data", emptyDir: {} }],
    ),
  ]
}

/** Tells Prometheus which pods of a namespace there are, with the labels that every Prometheus of Kubernetes gives them; at an address that pods reach. */
export async function podTargets(kubeconfig: string, namespace: string, address: string): Promise<{ readonly url: string; readonly close: () => void }> {
  const config = new KubeConfig()
  config.loadFromString(kubeconfig)
  const api = config.makeApiClient(CoreV1Api)
  const list = async (): Promise<readonly object[]> => {
    const { items } = await api.listNamespacedPod({ namespace, labelSelector: "app.kubernetes.io/component in (frontend,backend,ai-ml)" })
    return items.flatMap(({ metadata, status, spec }) => {
      const port = spec?.containers[0]?.ports?.[0]?.containerPort
      return status?.podIP === undefined || port === undefined ? [] : [{ targets: [`${status.podIP}:${port}`], labels: { namespace, pod: metadata?.name ?? "" } }]
    })
  }
  const server: Server = createServer((_, response) => {
    list().then(
      (targets) => response.setHeader("content-type", "application/json").end(JSON.stringify(targets)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return { url: `http://${address}:${(server.address() as AddressInfo).port}/`, close: () => server.close() }
}
