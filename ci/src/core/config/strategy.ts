import { choiceSchema, completedBy, integerSchema, listSchema, mapSchema, objectSchema, pathSchema, textSchema, withDefault, type SchemaNode } from "./schema-node.js"

export interface CanaryStep {
  readonly weightPercent: number
  /** The least time that it is watched. */
  readonly holdSeconds: number
  /** The most, before too little evidence is treated as `inconclusive` says. */
  readonly maximumSeconds: number
}

export interface CanaryQuery {
  /** PromQL with one number as its answer. */
  readonly query: string
  readonly minimum?: number
  readonly maximum?: number
  /** What an empty answer is: nothing to judge by, or a 0, as of a counter that has never counted. */
  readonly noData: "inconclusive" | "zero"
}

/** What users are promised, as shares of the requests. */
export interface CanarySlo {
  readonly errorRate: number
  /** Slower answers are slow ones. */
  readonly latencyMs: number
  readonly slowRate: number
}

/** Requests of our own, by k6. */
export interface OwnTraffic {
  /** k6 script, relative to the repository; it is told BASE_URL, REQUESTS_PER_SECOND, TRACK and SUMMARY_PATH. */
  readonly script: string
  readonly requestsPerSecond: number
  /** Also while users ask; in `local`, where nobody else does, it always is. */
  readonly always: boolean
}

/** Who carries the weight of a track: an HTTPRoute, an Ingress of ingress-nginx, or the ratio of ready pods. */
export const TRAFFIC_ROUTERS = ["gateway", "nginx", "replicas"] as const
export type TrafficRouter = (typeof TRAFFIC_ROUTERS)[number]

/** Where the services count their own requests: a histogram of seconds. */
export interface RequestMetric {
  readonly histogram: string
  readonly codeLabel: string
}

/** How traffic to a new release is judged, in whatever way it is moved. */
export interface TrafficJudge {
  /** Left out: `gateway`. */
  readonly router?: TrafficRouter
  /** Left out: the router's own counters, where it tells tracks apart. */
  readonly requestMetric?: RequestMetric
  readonly slo: CanarySlo
  readonly marginPoints: number
  readonly falseAbortRate: number
  readonly intervalSeconds: number
  readonly inconclusive: "hold" | "synthesize" | "rollback"
  readonly traffic?: OwnTraffic
}

export interface CanaryStrategy extends TrafficJudge {
  readonly kind: "canary"
  readonly steps: readonly CanaryStep[]
  readonly queries: Readonly<Record<string, CanaryQuery>>
}

export interface BlueGreenStrategy extends TrafficJudge {
  readonly kind: "blueGreen"
  /** How long the new colour is watched after the switch, at least and at most. */
  readonly watchSeconds: number
  readonly maximumSeconds: number
  /** How long the old colour stays after that. */
  readonly keepSeconds: number
}

export interface RollingStrategy {
  readonly kind: "rolling"
}

export type DeployStrategy = RollingStrategy | CanaryStrategy | BlueGreenStrategy

const maximumSeconds = withDefault(integerSchema("The most, in seconds, before `inconclusive` decides.", 1, 86400), 3600)

const stepSchema = objectSchema("One step.", ["weightPercent"], {
  weightPercent: integerSchema("Share of the traffic that the canary gets.", 1, 100),
  holdSeconds: withDefault(integerSchema("The least time that it is watched, in seconds.", 1, 86400), 60),
  maximumSeconds,
})

const numberSchema = (description: string): SchemaNode => ({ type: "number", title: "a number", description })

const querySchema = objectSchema("One question to Prometheus, with `minimum`, `maximum` or both; each answer lies in its range or outside.", ["query"], {
  query: textSchema("PromQL with one number as its answer."),
  minimum: numberSchema("A lower answer is out of range."),
  maximum: numberSchema("A higher answer is out of range."),
  noData: withDefault(choiceSchema("What an empty answer is: nothing to judge by, or 0.", ["inconclusive", "zero"]), "inconclusive"),
})

const shareSchema = (description: string): SchemaNode => ({ type: "number", title: "a share above 0, at most 0.5", description, exclusiveMinimum: 0, maximum: 0.5 })

const sloSchema = objectSchema("What users are promised.", [], {
  errorRate: withDefault(shareSchema("Share of the requests that may fail with a 5xx."), 0.01),
  latencyMs: withDefault(integerSchema("Slower answers are slow ones; best a bucket of the histogram.", 1, 600000), 500),
  slowRate: withDefault(shareSchema("Share of the requests that may be slow; 0.05 makes `latencyMs` a limit of the 95th percentile."), 0.05),
})

const trafficSchema = objectSchema("Requests of our own, labelled synthetic: for `synthesize`, and in `local` all there are. Default: none.", ["script"], {
  script: pathSchema("k6 script, relative to the repository; it is told BASE_URL, REQUESTS_PER_SECOND, TRACK and SUMMARY_PATH."),
  requestsPerSecond: withDefault(integerSchema("How many.", 1, 100000), 50),
  always: withDefault({ type: "boolean", title: "true or false", description: "Also while users ask; in `local` they always are." }, false),
})

const metricNameSchema = (description: string): SchemaNode => ({ type: "string", title: "a name such as http_requests", description, pattern: "^[a-zA-Z_][a-zA-Z0-9_]*$" })

const requestMetricSchema = objectSchema("Where the services count their own requests, which are then judged instead of the router's. Default: for `router: replicas`, where nobody else tells tracks apart, as below; else none.", [], {
  histogram: withDefault(metricNameSchema("Histogram of seconds, without its suffix; `latencyMs` must be one of its buckets."), "http_request_duration_seconds"),
  codeLabel: withDefault(metricNameSchema("Its label with the status code."), "code"),
})

const judgeProperties: Readonly<Record<string, SchemaNode>> = {
  router: withDefault(choiceSchema("Who carries the weight: an HTTPRoute of the Gateway API; an Ingress by the annotations of ingress-nginx, which is retired; or the ratio of ready pods, with the share that whole pods truly give.", TRAFFIC_ROUTERS), "gateway"),
  requestMetric: requestMetricSchema,
  slo: withDefault(sloSchema, {}),
  marginPoints: withDefault({ type: "number", title: "a number from 0.1 to 50", minimum: 0.1, maximum: 50, description: "A release that is worse than stable by this many points of a hundred must not be promoted; less takes more requests." }, 5),
  falseAbortRate: withDefault({ type: "number", title: "a number from 0.0001 to 0.1", minimum: 0.0001, maximum: 0.1, description: "Chance that a healthy release is aborted, over all steps, looks and metrics." }, 0.01),
  intervalSeconds: withDefault(integerSchema("How often the counters are read, in seconds.", 1, 600), 10),
  inconclusive: withDefault(choiceSchema("What too little evidence does: wait, make requests to the canary, or take its traffic away.", ["hold", "synthesize", "rollback"]), "hold"),
  traffic: trafficSchema,
}

const DEFAULT_STEPS = [10, 25, 50, 100].map((weightPercent) => ({ weightPercent }))

const canaryStrategySchema = objectSchema("Move the traffic in steps, judged by counts of requests.", [], {
  steps: { ...withDefault(listSchema("Weights, rising; a last step of 100 is added where it is missing.", stepSchema), DEFAULT_STEPS), title: "a list with at least one step", minItems: 1 },
  queries: withDefault(mapSchema("Further questions, by name.", querySchema), {}),
  ...judgeProperties,
})

const blueGreenSchema = objectSchema("Switch the traffic at once, and back if it is no good.", [], {
  watchSeconds: withDefault(integerSchema("How long the new colour is watched at least, in seconds.", 1, 86400), 60),
  maximumSeconds,
  keepSeconds: withDefault(integerSchema("How long the old colour stays, in seconds.", 0, 604800), 600),
  ...judgeProperties,
})

export const STRATEGY_EXPECTED = "`rolling`, `{canary: {…}}` or `{blueGreen: {…}}`"

export const strategySchema: SchemaNode = {
  type: ["string", "object"],
  title: STRATEGY_EXPECTED,
  description: `How a release takes over: ${STRATEGY_EXPECTED}. The first release is always rolling.`,
  default: "rolling",
  if: { type: "string" },
  then: { enum: ["rolling"], title: STRATEGY_EXPECTED },
  else: {
    title: STRATEGY_EXPECTED,
    properties: { canary: canaryStrategySchema, blueGreen: blueGreenSchema },
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  },
}

/** A strategy as delivery.yaml would have it without a word more than its name. */
export function plainStrategy(kind: "canary" | "blueGreen"): DeployStrategy {
  const raw = kind === "canary" ? { canary: completedBy(canaryStrategySchema, {}) } : { blueGreen: completedBy(blueGreenSchema, {}) }
  return completeStrategy(raw as RawStrategy)
}

export type RawStrategy =
  | "rolling"
  | { readonly canary: Omit<CanaryStrategy, "kind"> }
  | { readonly blueGreen: Omit<BlueGreenStrategy, "kind"> }

export function completeStrategy(raw: RawStrategy): DeployStrategy {
  if (raw === "rolling") return { kind: "rolling" }
  return "canary" in raw ? { kind: "canary", ...raw.canary } : { kind: "blueGreen", ...raw.blueGreen }
}
