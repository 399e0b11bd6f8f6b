import type { Config } from "./config/model.js"
import { ENVIRONMENT_GATES, STAGES, type StageDefinition, type StageName } from "./stage.js"

/** A stage of one service, of the release or of one environment, with what it waits for. */
export interface PlanRow {
  /** `test:backend`, `push` or `deploy:staging`. */
  readonly id: string
  readonly stage: StageName
  readonly service: string | null
  readonly environment: string | null
  /** Ids that must have passed or been skipped before. */
  readonly needs: readonly string[]
  /** Ids that must have passed: skipping them does not do. */
  readonly mustPass: readonly string[]
  readonly runsAfterFailure: boolean
}

/** Every row there is for these environments, in the order of the stage table. */
export function planRows(config: Config, environments: readonly string[]): readonly PlanRow[] {
  const services = Object.keys(config.services)
  const ofRelease = STAGES.filter((stage) => stage.scope !== "environment").flatMap((stage) =>
    stage.scope === "service" ? services.map((service) => row(config, stage, service, null)) : [row(config, stage, null, null)],
  )
  const ofEnvironments = environments.flatMap((environment, index) =>
    STAGES.filter((stage) => stage.scope === "environment").map((stage) => {
      const own = row(config, stage, null, environment)
      return stage.name === "deploy-plan" ? entry(config, own, environment, environments[index - 1]) : own
    }),
  )
  return [...ofRelease, ...ofEnvironments]
}

function row(config: Config, stage: StageDefinition, service: string | null, environment: string | null): PlanRow {
  return {
    id: rowId(stage.name, service ?? environment),
    stage: stage.name,
    service,
    environment,
    needs: [
      ...stage.needs.flatMap((name) => idsOf(config, name, service, environment)),
      ...stage.needsOfAllServices.flatMap((name) => idsOf(config, name, null, null)),
    ],
    mustPass: [],
    runsAfterFailure: stage.runsAfterFailure,
  }
}

/** The first row of an environment also waits for the environment before it and for what it requires. */
function entry(config: Config, own: PlanRow, environment: string, before: string | undefined): PlanRow {
  const gates = before === undefined ? [] : ENVIRONMENT_GATES.map((stage) => rowId(stage, before))
  const required = (config.environments[environment]?.requires ?? [])
    .filter((name) => STAGES.some((stage) => stage.name === name && stage.scope !== "environment"))
    .flatMap((name) => idsOf(config, name, null, null))
  return { ...own, needs: [...new Set([...own.needs, ...gates, ...required])], mustPass: required }
}

/** The rows of a stage that concern a service or environment; all of its services when none is given. */
function idsOf(config: Config, name: StageName, service: string | null, environment: string | null): string[] {
  const scope = STAGES.find((stage) => stage.name === name)?.scope
  if (scope === "release") return [name]
  if (scope === "environment") return [rowId(name, environment)]
  return (service === null ? Object.keys(config.services) : [service]).map((each) => rowId(name, each))
}

function rowId(stage: StageName, about: string | null): string {
  return about === null ? stage : `${stage}:${about}`
}
