import type { LoadPlan } from "./load-plan.js"

/** Where a load of several machines is made, and of what. */
export interface TestRunPlace {
  readonly name: string
  readonly namespace: string
  /** Runners of the load. */
  readonly parallelism: number
  readonly image: string
  /** For k6 and the harness, by name. */
  readonly variables: Readonly<Record<string, string>>
}

const ARCHIVE = "archive.tar"
// A ConfigMap holds a mebibyte; Base64 makes four bytes of three.
const MOST_ARCHIVE_BYTES = 1_048_576

/** A ConfigMap with the script, its imports and the harness, as `k6 archive` packs them; null when they do not fit. */
export function archiveObject({ name, namespace }: TestRunPlace, base64: string): object | null {
  if ((base64.length / 4) * 3 > MOST_ARCHIVE_BYTES) return null
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace, labels: OWNED }, binaryData: { [ARCHIVE]: base64 } }
}

/** k6-operator's TestRun: it gives each runner its segment of the load, and starts all at once. */
export function testRunObject({ name, namespace, parallelism, image, variables }: TestRunPlace): object {
  const env = Object.entries(variables).map(([variable, value]) => ({ name: variable, value }))
  const containerSecurityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } }
  const securityContext = { runAsNonRoot: true, runAsUser: 12345, seccompProfile: { type: "RuntimeDefault" } }
  // k6 and what it sends need no token of the cluster.
  const pod = { image, env, automountServiceAccountToken: "false", securityContext, containerSecurityContext }
  return {
    apiVersion: "k6.io/v1alpha1",
    kind: "TestRun",
    metadata: { name, namespace, labels: OWNED },
    spec: {
      parallelism,
      // Machines of one host would share its network card: what is too much for one is too much for two there.
      separate: true,
      script: { configMap: { name, file: ARCHIVE } },
      arguments: "--no-usage-report --log-format raw",
      // The archive has been run in the call already, so it is valid.
      initializer: { ...pod, disabled: true },
      runner: { ...pod, resources: { requests: { cpu: "500m", memory: "512Mi" } } },
      starter: { securityContext, containerSecurityContext },
    },
  }
}

const OWNED = { "app.kubernetes.io/managed-by": "delivery", "app.kubernetes.io/component": "load-test" }

/** A name for the objects of a run: a label's rules, and what tells two runs apart stays. */
export const testRunName = (runId: string): string => `perf-${runId.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`.slice(0, 50).replace(/-+$/, "")

/** The selector of the pods that send the load. */
export const runnerSelector = (name: string): string => `app=k6,k6_cr=${name},runner=true`

/** A stage of a TestRun from which nothing more comes. */
export const hasEnded = (stage: string | undefined): boolean => stage === "finished" || stage === "stopped" || stage === "error"

/** How long the whole may take: pods start, wait for each other, run, and tell. */
export const testRunSeconds = (plan: LoadPlan): number => Math.ceil(plan.shape.seconds) + 300
