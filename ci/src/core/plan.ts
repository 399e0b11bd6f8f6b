import type { Config } from "./config/model.js"
import { chosenEnvironments, chosenServices, chosenStages, endOfPlan } from "./plan-names.js"
import { planRows, type PlanRow } from "./plan-rows.js"
import { notConfigured, refuseSkippedRequirements, refuseUnavailableDeploys } from "./plan-policy.js"
import { stageDefinition, type StageName } from "./stage.js"
import type { SkipKind } from "./verdict.js"

/** Why a stage will not run. */
export interface StageSkip {
  readonly kind: SkipKind
  readonly reason: string
}

/** One row of the plan, and later of the closing table. */
export interface PlannedStage extends PlanRow {
  readonly timeoutSeconds: number
  readonly retries: number
  /** 0: as many as the run. */
  readonly maxParallel: number
  readonly skip: StageSkip | null
}

export interface PlanOptions {
  /** Default: `local` alone. Always taken in the order of delivery.yaml. */
  readonly environments?: readonly string[]
  readonly skip?: readonly string[]
  readonly only?: readonly string[]
  /** A stage, or `<environment>-plan`; a stage of environments ends the run in the first of them. */
  readonly until?: string | null
  readonly services?: readonly string[]
  readonly since?: ChangedSince | null
}

/** What changed since a commit. */
export interface ChangedSince {
  readonly ref: string
  readonly changedServices: readonly string[]
  /** Something else that a release is made with changed, such as the chart. */
  readonly releaseChanged?: boolean
}

/** What the rules decide by. */
interface Selection {
  readonly skip: readonly StageName[]
  readonly only: readonly StageName[] | null
  readonly services: readonly string[]
  readonly allServices: boolean
  readonly since: ChangedSince | null
}

/** Every stage of a pipeline in order, each with the reason if it will not run. */
export function planPipeline(config: Config, options: PlanOptions = {}): readonly PlannedStage[] {
  const environments = chosenEnvironments(config, options.environments)
  refuseUnavailableDeploys(config, environments)
  const rows = planRows(config, environments)
  const end = endOfPlan(rows, environments, options.until ?? null)
  const services = chosenServices(config, options.services)
  const selection: Selection = {
    skip: chosenStages("--skip", options.skip ?? []),
    only: options.only === undefined || options.only.length === 0 ? null : chosenStages("--only", options.only),
    services,
    allServices: services.length === Object.keys(config.services).length,
    since: options.since ?? null,
  }
  const plan = rows.map((row, index) => {
    const beyond = index > end ? { kind: "requested" as const, reason: `after --until ${options.until}` } : null
    return planStage(config, row, beyond ?? skipByChoice(selection, row) ?? notConfigured(config, row))
  })
  refuseSkippedRequirements(config, plan)
  return plan
}

/** Only the named stages, for a call such as `test` or `deploy`; what else there is stays unmentioned. */
export function planStages(
  config: Config,
  stages: readonly string[],
  options: Pick<PlanOptions, "services" | "since" | "skip"> & { readonly environment?: string } = {},
): readonly PlannedStage[] {
  const environments = chosenEnvironments(config, options.environment === undefined ? [] : [options.environment])
  const services = chosenServices(config, options.services)
  const allServices = services.length === Object.keys(config.services).length
  const names = chosenStages("stage", stages)
  const skipped = chosenStages("--skip", options.skip ?? [])
  if (names.some((name) => stageDefinition(name).scope === "environment" && name !== "notify")) {
    refuseUnavailableDeploys(config, environments)
  }
  const all = planRows(config, environments)
  const rows = all.filter((row) => names.includes(row.stage)).filter((row) => row.service === null || services.includes(row.service))
  const present = new Set(rows.map((row) => row.id))
  const byId = new Map(all.map((row) => [row.id, row]))
  // What is left out passes its own needs on: `perf` without `smoke` still waits for the deployment.
  const presentNeeds = (id: string): readonly string[] => (present.has(id) ? [id] : (byId.get(id)?.needs ?? []).flatMap(presentNeeds))
  return rows.map((row) => {
    const needs = [...new Set(row.needs.flatMap(presentNeeds))]
    // What an environment requires was proven when the release was made; its record is checked by `deploy`.
    const ofRelease = stageDefinition(row.stage).scope === "release"
    const left = skipped.includes(row.stage) ? leftOut(row.stage) : ofRelease && !allServices ? notWholeRelease(services) : skipSince(options.since ?? null, row)
    return planStage(config, { ...row, needs, mustPass: [] }, left ?? notConfigured(config, row))
  })
}

/** Environments whose plan is made and whose deployment is left to another call. */
export function endsWithPlan(plan: readonly PlannedStage[]): readonly string[] {
  const skipped = (environment: string | null, name: StageName): boolean => plan.some(({ stage, environment: other, skip }) => stage === name && other === environment && skip !== null)
  return plan.flatMap(({ stage, environment, skip }) => (stage === "deploy-plan" && skip === null && environment !== null && skipped(environment, "deploy") ? [environment] : []))
}

/** The caller's own choices: the first rule that speaks decides. */
function skipByChoice(selection: Selection, row: PlanRow): StageSkip | null {
  const { skip, only, services, allServices, since } = selection
  if (skip.includes(row.stage)) return leftOut(row.stage)
  if (only !== null && !only.includes(row.stage)) return { kind: "requested", reason: `not in --only ${only.join(",")}` }
  if (row.service !== null && !services.includes(row.service)) {
    return { kind: "requested", reason: `not in --services ${services.join(",")}` }
  }
  // A release holds every service, so a run over some of them ends before there is one.
  if (row.service === null && !allServices) return notWholeRelease(services)
  return skipSince(since, row)
}

/** Images are made of unchanged services all the same: a release names all of them. */
function skipSince(since: ChangedSince | null, row: PlanRow): StageSkip | null {
  if (since === null) return null
  if (since.changedServices.length === 0 && since.releaseChanged !== true) return { kind: "unchanged", reason: `nothing changed since ${since.ref}` }
  if (row.service === null || !stageDefinition(row.stage).checksSources) return null
  if (since.changedServices.includes(row.service)) return null
  return { kind: "unchanged", reason: `${row.service} did not change since ${since.ref}` }
}

const leftOut = (stage: StageName): StageSkip => ({ kind: "requested", reason: `--skip ${stage}` })
const notWholeRelease = (services: readonly string[]): StageSkip => ({ kind: "requested", reason: `--services ${services.join(",")} is not the whole release` })

function planStage(config: Config, row: PlanRow, skip: StageSkip | null): PlannedStage {
  return { ...row, ...config.stages[row.stage], skip }
}
