type Json = Record<string, unknown>
/** An object for the API server, and who must refuse it; nobody when `refusedBy` is null. */
export interface AdmissionCase {
  readonly name: string
  readonly objects: readonly object[]
  readonly refusedBy: string | null
}

const IMAGE = `registry.example/shop/web@sha256:${"0".repeat(64)}`
const container = (): Json => ({
  name: "web",
  image: IMAGE,
  resources: { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } },
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
})
const podSpec = (): Json => ({
  serviceAccountName: "web",
  securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: "RuntimeDefault" } },
  containers: [container()],
})
const ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "web" } }
const labels = { app: "web" }
const template = (spec: Json, more: Json = {}) => ({ metadata: { labels }, spec: { ...spec, ...more } })
const metadata = { name: "web" }

const deployment = (spec: Json) => ({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { selector: { matchLabels: labels }, template: template(spec) } })
const pod = (spec: Json) => ({ apiVersion: "v1", kind: "Pod", metadata, spec })
const job = (spec: Json) => ({ apiVersion: "batch/v1", kind: "Job", metadata, spec: { template: template(spec, { restartPolicy: "Never" }) } })
const cronJob = (spec: Json) => ({ apiVersion: "batch/v1", kind: "CronJob", metadata, spec: { schedule: "15 2 * * *", jobTemplate: { spec: job(spec).spec } } })

/** A pod that everybody lets in, but for one part of its container or of its own. */
const withContainer = (part: Json): Json => ({ ...podSpec(), containers: [{ ...container(), ...part }] })
const withSecurity = (part: Json): Json => withContainer({ securityContext: { ...(container()["securityContext"] as Json), ...part } })
const without = (object: Json, key: string): Json => Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))
const withPod = (part: Json): Json => ({ ...podSpec(), ...part })
const restricted = (part: Json): Json => withPod({ securityContext: { ...(podSpec()["securityContext"] as Json), ...part } })
const resources = (requests: Json, limits: Json): Json => withContainer({ resources: { requests, limits } })
const volume = (source: Json): Json => withPod({ volumes: [{ name: "v", ...source }] })
const image = (reference: string): Json => withContainer({ image: reference })

/** Of the dead man's switch: get and patch of what carries a weight, by its name. */
const role = (group: string, resource: string, names: readonly string[], verbs: readonly string[] = ["get", "patch"], name = "web-switch") => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name },
  rules: [{ apiGroups: [group], resources: [resource], ...(names.length === 0 ? {} : { resourceNames: names }), verbs }],
})

const ALLOWED: readonly [string, object][] = [
  ["deployment", deployment(podSpec())],
  ["pod", pod(podSpec())],
  ["job", job(podSpec())],
  ["cron-job", cronJob(podSpec())],
  ["tag-and-digest", deployment(image(`registry.example/web:1.2@sha256:${"a".repeat(64)}`))],
  ["container-says-it-all", deployment({ ...without(withSecurity({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } }), "securityContext") })],
  ["low-ports", deployment(withSecurity({ capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] } }))],
  ["folders", deployment(volume({ emptyDir: {} }))],
  ["switch-of-a-route", role("gateway.networking.k8s.io", "httproutes", ["web"])],
  ["switch-of-ingresses", role("networking.k8s.io", "ingresses", ["web-canary", "web-blue"])],
  ["switch-of-services", role("", "services", ["web", "api"])],
]

const REFUSED: Readonly<Record<string, readonly [string, object][]>> = {
  "delivery-image-digests": [
    ["tag", deployment(image("registry.example/web:1.2"))],
    ["no-tag", cronJob(image("registry.example/web"))],
    ["short-digest", deployment(image("registry.example/web@sha256:abc"))],
    ["init-tag", deployment(withPod({ initContainers: [{ ...container(), name: "init", image: "registry.example/web:1.2" }] }))],
  ],
  "delivery-registries": [
    ["foreign", deployment(image(`docker.io/library/web@sha256:${"0".repeat(64)}`))],
    ["look-alike", deployment(image(`registry.example.evil.test/web@sha256:${"0".repeat(64)}`))],
    ["init-foreign", job(withPod({ initContainers: [{ ...container(), name: "init", image: `ghcr.io/web@sha256:${"0".repeat(64)}` }] }))],
  ],
  "delivery-resources": [
    ["no-cpu", deployment(resources({ memory: "16Mi" }, { memory: "32Mi" }))],
    ["no-memory", deployment(resources({ cpu: "10m" }, {}))],
    ["no-limit", cronJob(resources({ cpu: "10m", memory: "16Mi" }, {}))],
    ["no-resources", deployment({ ...podSpec(), containers: [without(container(), "resources")] })],
  ],
  "delivery-roles": [
    ["all-services", role("", "services", [])],
    ["two-routes", role("gateway.networking.k8s.io", "httproutes", ["web", "api"])],
    ["endpoints", role("discovery.k8s.io", "endpointslices", ["web"], ["get"])],
    ["services-to-delete", role("", "services", ["web"], ["get", "patch", "delete"])],
    ["no-switch", role("", "services", ["web"], ["get"], "web-reader")],
  ],
  "delivery-service-accounts": [
    ["no-account", deployment(without(podSpec(), "serviceAccountName"))],
    ["default-account", cronJob(withPod({ serviceAccountName: "default" }))],
  ],
  "delivery-restricted-pods": [
    ["privileged", deployment(withSecurity({ privileged: true, allowPrivilegeEscalation: true }))],
    ["escalates", deployment(withContainer({ securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } } }))],
    ["maybe-root", deployment(restricted({ runAsNonRoot: false }))],
    ["root", cronJob(withSecurity({ runAsUser: 0 }))],
    ["capabilities", deployment(withSecurity({ capabilities: { drop: ["ALL"], add: ["NET_RAW"] } }))],
    ["keeps-capabilities", deployment(withSecurity({ capabilities: {} }))],
    ["unconfined", deployment(restricted({ seccompProfile: { type: "Unconfined" } }))],
    ["writable", deployment(withSecurity({ readOnlyRootFilesystem: false }))],
    ["host-network", deployment(withPod({ hostNetwork: true }))],
    ["host-processes", deployment(withPod({ hostPID: true }))],
    ["host-path", deployment(volume({ hostPath: { path: "/" } }))],
    ["host-port", deployment(withContainer({ ports: [{ containerPort: 8080, hostPort: 8080 }] }))],
    ["sysctl", deployment(restricted({ sysctls: [{ name: "kernel.msgmax", value: "1" }] }))],
  ],
}

/** Each policy of charts/platform with what it lets in and what it refuses. */
export const ADMISSION_CASES: readonly AdmissionCase[] = [
  ...ALLOWED.map(([name, object]) => ({ name, objects: [ACCOUNT, object], refusedBy: null })),
  ...Object.entries(REFUSED).flatMap(([refusedBy, cases]) => cases.map(([name, object]) => ({ name, objects: [ACCOUNT, object], refusedBy }))),
]
