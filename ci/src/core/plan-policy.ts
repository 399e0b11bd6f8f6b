import { COMMAND_NAMES, type CommandName } from "./config/commands.js"
import { LOCAL_ENVIRONMENT } from "./config/environments-check.js"
import type { EnvironmentConfig } from "./config/environments.js"
import type { Config } from "./config/model.js"
import { UsageError } from "./errors.js"
import { isStarted } from "./gates/start.js"
import type { PlannedStage, StageSkip } from "./plan.js"
import type { PlanRow } from "./plan-rows.js"
import { helperNames } from "./release.js"
import { analyserOf } from "./sast/analysers.js"
import { NO_SIGNING } from "./signing/signer.js"
import type { StageName } from "./stage.js"

/** The stage that moves the traffic, by strategy. */
const TRAFFIC_STAGE = { rolling: null, canary: "canary", blueGreen: "switch" } as const

/** Why delivery.yaml leaves a stage out; null when it does not. */
export function notConfigured(config: Config, row: PlanRow): StageSkip | null {
  const reason = missingPart(config, row)
  return reason === null ? null : { kind: "not-configured", reason }
}

function missingPart(config: Config, row: PlanRow): string | null {
  const environment = row.environment === null ? undefined : config.environments[row.environment]
  const service = row.service === null ? undefined : config.services[row.service]
  if (environment !== undefined && isTrafficStage(row.stage) && TRAFFIC_STAGE[environment.strategy.kind] !== row.stage) {
    return `the strategy is ${environment.strategy.kind}`
  }
  if (row.stage === "sonar" && config.sonar === null) return "delivery.yaml has no `sonar`"
  if (row.stage === "notify" && config.notify === null) return "delivery.yaml has no `notify`"
  if (row.stage === "notify" && row.environment === LOCAL_ENVIRONMENT) return "nobody is told about an environment that dies with the call"
  if ((row.stage === "charts-check" || (row.environment !== null && row.stage !== "notify")) && config.chart === null) return "delivery.yaml has no `chart`"
  if (row.stage === "scan-chart-images" && helperNames(config).length === 0) return "delivery.yaml has no `chart.images`"
  if ((row.stage === "sign" || row.stage === "push") && Object.values(config.services).some(({ dockerfile }) => dockerfile === null)) return "not every service has a Dockerfile"
  if ((row.stage === "package" || row.stage === "scan-images") && service?.dockerfile === null) return "no Dockerfile"
  if (row.stage === "sast" && service !== undefined && analyserOf(service.toolchain) === null) return `there is no analyser for toolchain \`${service.toolchain}\``
  if (row.stage === "perf" && config.perf === null) return "delivery.yaml has no `perf`"
  if (row.stage === "perf" && environment?.allowPerf === false) return "`allowPerf` is false"
  // Nothing to compile is no reason not to see whether it starts.
  if (row.stage === "build" && service !== undefined && isStarted(service)) return null
  if (row.stage === "test" && service?.tests.none === true) return "delivery.yaml says `tests: none`"
  if (service !== undefined && isCommand(row.stage) && service.recipe[row.stage].length === 0) {
    return `no \`commands.${row.stage}\`, and toolchain \`${service.toolchain}\` has none`
  }
  return null
}

/** What an environment requires cannot be skipped by anything that is known beforehand. */
export function refuseSkippedRequirements(config: Config, plan: readonly PlannedStage[]): void {
  const problems = plan
    .filter((row) => row.stage === "deploy" && row.skip === null)
    .flatMap((deploy) =>
      plan
        .filter((row) => requires(config, deploy, row))
        .flatMap((row) => {
          const reason = row.skip?.reason ?? unsigned(config, deploy, row)
          return reason === null ? [] : [`environment \`${deploy.environment}\` requires \`${row.id}\`, which is skipped: ${reason}`]
        }),
    )
  if (problems.length === 0) return
  throw new UsageError([...problems, "Leave the flag out, or change `requires` in delivery.yaml."].join("\n"))
}

function requires(config: Config, deploy: PlannedStage, row: PlannedStage): boolean {
  const required = config.environments[deploy.environment ?? ""]?.requires.includes(row.stage) ?? false
  return required && (row.environment === null || row.environment === deploy.environment)
}

/** The key of one run, which is what `local` signs with, proves nothing elsewhere. */
function unsigned(config: Config, deploy: PlannedStage, row: PlannedStage): string | null {
  return row.stage === "sign" && config.signing === null && deploy.environment !== LOCAL_ENVIRONMENT ? NO_SIGNING : null
}

/** An owner that this version cannot serve must not silently become another one. */
export function refuseUnavailableDeploys(config: Config, environments: readonly string[]): void {
  const problems = environments.flatMap((name) => {
    const environment = config.environments[name]
    const reason = environment === undefined ? null : unavailable(environment)
    return reason === null ? [] : [`environment \`${name}\`: ${reason}`]
  })
  if (problems.length > 0) throw new UsageError(problems.join("\n"))
}

function unavailable({ owner }: EnvironmentConfig): string | null {
  return owner === "helm" ? null : `expected \`owner: helm\`, got \`${owner}\`, which this version does not have yet.`
}

function isTrafficStage(stage: StageName): boolean {
  return stage === TRAFFIC_STAGE.canary || stage === TRAFFIC_STAGE.blueGreen
}

function isCommand(stage: StageName): stage is StageName & CommandName {
  return COMMAND_NAMES.some((name) => name === stage)
}
