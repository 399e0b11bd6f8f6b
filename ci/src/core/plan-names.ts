import type { Config } from "./config/model.js"
import { LOCAL_ENVIRONMENT } from "./config/environments-check.js"
import { UsageError } from "./errors.js"
import { unknownMessage } from "./nearest.js"
import type { PlanRow } from "./plan-rows.js"
import { STAGES, type StageName } from "./stage.js"

/** The chosen environments in the order of delivery.yaml; `local` when none is named. */
export function chosenEnvironments(config: Config, names: readonly string[] = []): readonly string[] {
  const known = Object.keys(config.environments)
  refuseUnknown("environment", names, known)
  return names.length === 0 ? [LOCAL_ENVIRONMENT] : known.filter((name) => names.includes(name))
}

/** The chosen services in the order of delivery.yaml; all when none is named. */
export function chosenServices(config: Config, names: readonly string[] = []): readonly string[] {
  const known = Object.keys(config.services)
  refuseUnknown("service", names, known)
  return names.length === 0 ? known : known.filter((name) => names.includes(name))
}

/** Stages by name or by the function's name, `scan` being both `scan-files` and `scan-images`. */
export function chosenStages(flag: string, names: readonly string[]): readonly StageName[] {
  refuseUnknown(flag === "stage" ? "stage" : `stage in ${flag}`, names, knownStageWords())
  return STAGES.filter((stage) => names.includes(stage.name) || names.includes(stage.call)).map((stage) => stage.name)
}

/** Index of the last row that runs. */
export function endOfPlan(rows: readonly PlanRow[], environments: readonly string[], until: string | null): number {
  if (until === null) return rows.length - 1
  const stages = STAGES.filter((stage) => stage.name === until || stage.call === until).map((stage) => stage.name)
  const matches = (row: PlanRow): boolean =>
    stages.length > 0
      ? stages.includes(row.stage) && (row.environment === null || row.environment === environments[0])
      : row.stage === "deploy-plan" && `${row.environment}-plan` === until
  const end = rows.map(matches).lastIndexOf(true)
  if (end >= 0) return end
  throw new UsageError(unknownMessage("end in --until", until, [...knownStageWords(), ...environments.map((name) => `${name}-plan`)]))
}

function knownStageWords(): readonly string[] {
  return [...new Set(STAGES.flatMap((stage) => [stage.name, stage.call]))]
}

function refuseUnknown(kind: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new UsageError(unknown.map((name) => unknownMessage(kind, name, known)).join("\n"))
}
