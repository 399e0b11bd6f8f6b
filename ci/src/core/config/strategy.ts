import { choiceSchema, integerSchema, listSchema, mapSchema, objectSchema, textSchema, withDefault, type SchemaNode } from "./schema-node.js"

export interface CanaryStep {
  readonly weightPercent: number
  readonly holdSeconds: number
}

export interface CanaryQuery {
  /** PromQL with one number as its answer. */
  readonly query: string
  readonly maximum: number
}

export interface CanaryStrategy {
  readonly kind: "canary"
  readonly steps: readonly CanaryStep[]
  readonly queries: Readonly<Record<string, CanaryQuery>>
  /** What too little evidence does. */
  readonly inconclusive: "abort" | "pause"
}

export interface BlueGreenStrategy {
  readonly kind: "blueGreen"
  /** How long the old colour stays after the switch. */
  readonly keepSeconds: number
}

export interface RollingStrategy {
  readonly kind: "rolling"
}

export type DeployStrategy = RollingStrategy | CanaryStrategy | BlueGreenStrategy

const stepSchema = objectSchema("One step.", ["weightPercent", "holdSeconds"], {
  weightPercent: integerSchema("Share of the traffic that the canary gets.", 1, 100),
  holdSeconds: integerSchema("How long the step is watched.", 1, 86400),
})

const querySchema = objectSchema("One question to Prometheus.", ["query", "maximum"], {
  query: textSchema("PromQL with one number as its answer."),
  maximum: { type: "number", title: "a number", description: "A higher answer fails the canary." },
})

const canaryStrategySchema = objectSchema("Move the traffic in steps, judged by metrics.", ["steps", "queries"], {
  steps: { ...listSchema("Weights, rising.", stepSchema), title: "a list with at least one step", minItems: 1 },
  queries: { ...mapSchema("Questions, by name.", querySchema), title: "a mapping with at least one query", minProperties: 1 },
  inconclusive: withDefault(choiceSchema("What too little evidence does.", ["abort", "pause"]), "abort"),
})

const blueGreenSchema = objectSchema("Switch the traffic at once.", [], {
  keepSeconds: withDefault(integerSchema("How long the old colour stays, in seconds.", 0, 604800), 600),
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

export type RawStrategy =
  | "rolling"
  | { readonly canary: Omit<CanaryStrategy, "kind"> }
  | { readonly blueGreen: Omit<BlueGreenStrategy, "kind"> }

export function completeStrategy(raw: RawStrategy): DeployStrategy {
  if (raw === "rolling") return { kind: "rolling" }
  return "canary" in raw ? { kind: "canary", ...raw.canary } : { kind: "blueGreen", ...raw.blueGreen }
}
