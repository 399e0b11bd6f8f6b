import { STAGE_NAMES, STAGES, type StageName } from "../stage.js"
import { integerSchema, objectSchema, withDefault } from "./schema-node.js"
import type { ConfigSection } from "./section.js"

export interface StageLimits {
  readonly timeoutSeconds: number
  readonly retries: number
  /** How many of the stage run at once, of different services; 0 for as many as the run. */
  readonly maxParallel: number
}

const limitsSchema = (timeoutSeconds: number, retries: number) =>
  objectSchema(`Limits of the stage. Default: ${timeoutSeconds} s, ${retries} retries.`, [], {
    timeoutSeconds: integerSchema("Longest run of one try, in seconds; then the stage is an error.", 1, 86400),
    retries: integerSchema("How often a try that ended as an error is repeated.", 0, 10),
    maxParallel: integerSchema("How many services are in this stage at once. Default: as many as the whole run has room for, one stage for each core.", 1, 64),
  })

export const STAGES_SECTION: ConfigSection = {
  key: "stages",
  required: false,
  schema: withDefault(
    objectSchema(
      "Limits of single stages.",
      [],
      Object.fromEntries(STAGES.map((stage) => [stage.name, limitsSchema(stage.timeoutSeconds, stage.retries)])),
    ),
    {},
  ),
}

export type RawStageLimits = Readonly<Partial<Record<StageName, Partial<StageLimits>>>>

/** The limits of every stage: written, else the stage table's. */
export function completeStageLimits(raw: RawStageLimits): Readonly<Record<StageName, StageLimits>> {
  const limits = STAGES.map(({ name, timeoutSeconds, retries }) => [name, { timeoutSeconds, retries, maxParallel: 0, ...raw[name] }])
  return Object.fromEntries(limits) as Record<(typeof STAGE_NAMES)[number], StageLimits>
}
