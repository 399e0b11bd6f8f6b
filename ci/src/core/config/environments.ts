import { STAGE_NAMES, type StageName } from "../stage.js"
import { checkEnvironments, LOCAL_ENVIRONMENT } from "./environments-check.js"
import {
  choiceSchema,
  credentialSchema,
  integerSchema,
  listSchema,
  mapSchema,
  nameSchema,
  objectSchema,
  pathSchema,
  withDefault,
} from "./schema-node.js"
import type { ConfigSection } from "./section.js"
import { completeStrategy, strategySchema, type DeployStrategy, type RawStrategy } from "./strategy.js"

/** Limits that `perf` must stay within; null sets none. */
export interface PerfBudgets {
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  /** Share of failed requests, 0 to 1. */
  readonly errorRate: number | null
  /** Fewer requests than this prove nothing. */
  readonly minimumRequests: number | null
}

export interface EnvironmentConfig {
  readonly name: string
  /** Name of the credential; null for `local`, whose cluster lives inside the call. */
  readonly kubeconfig: string | null
  readonly namespace: string
  /** Values files, relative to the repository, later ones win. */
  readonly values: readonly string[]
  readonly baseUrl: string | null
  /** Address of the Prometheus that counts its requests; null when nobody says. */
  readonly prometheus: string | null
  readonly strategy: DeployStrategy
  readonly approval: "none" | "required"
  readonly budgets: PerfBudgets
  /** Stages that must have passed before this environment is touched. */
  readonly requires: readonly StageName[]
  readonly allowPerf: boolean
  readonly owner: "helm" | "argocd"
}

const rateSchema = { type: "number", title: "a number from 0 to 1", minimum: 0, maximum: 1 }

const budgetsSchema = objectSchema("Limits that `perf` must stay within. Default: none.", [], {
  p95Ms: integerSchema("95th percentile of the latency, in milliseconds.", 1, 600000),
  p99Ms: integerSchema("99th percentile of the latency, in milliseconds.", 1, 600000),
  errorRate: { ...rateSchema, description: "Share of failed requests, 0 to 1." },
  minimumRequests: integerSchema("Fewer requests than this prove nothing.", 1, 1000000000),
})

const environmentSchema = objectSchema("One place that releases are deployed to.", [], {
  kubeconfig: credentialSchema("Name of the credential that holds the kubeconfig; not for `local`."),
  namespace: nameSchema("Kubernetes namespace. Default: project and environment, joined by a dash."),
  values: withDefault(
    listSchema("Values files of the chart, relative to the repository; later ones win.", pathSchema("")),
    [],
  ),
  baseUrl: {
    type: "string",
    title: "a URL such as https://staging.example.org",
    description: "Where users reach the product; `perf` and `smoke` go there. Default: the gateway inside the cluster.",
    pattern: "^https?://[^\\s/]+(/\\S*)?$",
  },
  prometheus: {
    type: "string",
    title: "a URL such as https://prometheus.example.org",
    description: "The Prometheus that reads the counters of the gateway there, or of the services, as the pipeline reaches it: what `canary` and `blueGreen` are judged by. `local` has its own.",
    pattern: "^https?://[^\\s/]+(/\\S*)?$",
  },
  strategy: strategySchema,
  approval: withDefault(choiceSchema("Whether a person must approve the plan.", ["none", "required"]), "none"),
  budgets: withDefault(budgetsSchema, {}),
  requires: withDefault(
    listSchema("Stages that cannot be skipped on the way here.", choiceSchema("A stage.", STAGE_NAMES)),
    [],
  ),
  allowPerf: {
    type: "boolean",
    title: "true or false",
    description: "Whether `perf` may put load on it. Default: true for `local`, else false.",
  },
  owner: withDefault(choiceSchema("Who writes to the cluster.", ["helm", "argocd"]), "helm"),
})

export const ENVIRONMENTS_SECTION: ConfigSection = {
  key: "environments",
  required: false,
  schema: withDefault(mapSchema("The environments, in the order releases take.", environmentSchema), {}),
  check: checkEnvironments,
}

type Given = Omit<EnvironmentConfig, "name" | "strategy" | "budgets">

/** An environment as the schema's defaults leave it. */
export type RawEnvironment = Partial<Given> &
  Pick<Given, "values" | "approval" | "requires" | "owner"> & {
    readonly strategy: RawStrategy
    readonly budgets: Partial<PerfBudgets>
  }

/** Every environment with its defaults; `local` stands first unless delivery.yaml places it. */
export function completeEnvironments(
  project: string,
  raw: Readonly<Record<string, RawEnvironment>>,
): Readonly<Record<string, EnvironmentConfig>> {
  const bare: RawEnvironment = { values: [], approval: "none", requires: [], owner: "helm", strategy: "rolling", budgets: {} }
  const all = LOCAL_ENVIRONMENT in raw ? raw : { [LOCAL_ENVIRONMENT]: bare, ...raw }
  return Object.fromEntries(
    Object.entries(all).map(([name, environment]) => [name, completeEnvironment(project, name, environment)]),
  )
}

function completeEnvironment(project: string, name: string, raw: RawEnvironment): EnvironmentConfig {
  const { p95Ms = null, p99Ms = null, errorRate = null, minimumRequests = null } = raw.budgets
  return {
    ...raw,
    name,
    kubeconfig: raw.kubeconfig ?? null,
    namespace: raw.namespace ?? `${project}-${name}`,
    baseUrl: raw.baseUrl ?? null,
    prometheus: raw.prometheus ?? null,
    strategy: completeStrategy(raw.strategy),
    budgets: { p95Ms, p99Ms, errorRate, minimumRequests },
    allowPerf: raw.allowPerf ?? name === LOCAL_ENVIRONMENT,
  }
}
