/** What one run of a stage is about: one service, the whole release, or one environment. */
export type StageScope = "service" | "release" | "environment"

/** One stage, as the plan needs to know it. Stages run in the order of this table. */
export interface StageDefinition {
  readonly name: StageName
  /** The function a user calls and the word `--skip`, `--only` and `--until` take besides the name. */
  readonly call: string
  readonly scope: StageScope
  /** Must have passed or been skipped for the same service or environment. */
  readonly needs: readonly StageName[]
  /** Must have passed or been skipped for every service. */
  readonly needsOfAllServices: readonly StageName[]
  /** Only checks the sources: can be left out for a service that did not change. */
  readonly checksSources: boolean
  /** Runs once its needs have ended, whatever their verdict. */
  readonly runsAfterFailure: boolean
  readonly timeoutSeconds: number
  readonly retries: number
}

export const STAGE_NAMES = [
  "lint",
  "lint-files",
  "charts-check",
  "audit",
  "scan-files",
  "sast",
  "build",
  "test",
  "sonar",
  "package",
  "scan-images",
  "scan-chart-images",
  "sign",
  "push",
  "deploy-plan",
  "deploy",
  "canary",
  "switch",
  "smoke",
  "perf",
  "notify",
] as const
export type StageName = (typeof STAGE_NAMES)[number]

const CHECKS: readonly StageName[] = ["lint", "audit", "sast", "build", "test"]

/** The stage table: one line registers a stage. */
export const STAGES: readonly StageDefinition[] = [
  service("lint", { checksSources: true, timeoutSeconds: 600 }),
  release("lint-files", { call: "lint", timeoutSeconds: 600, retries: 1 }),
  release("charts-check", { timeoutSeconds: 300, retries: 1 }),
  service("audit", { checksSources: true, timeoutSeconds: 300, retries: 1 }),
  release("scan-files", { call: "scan", timeoutSeconds: 900, retries: 1 }),
  service("sast", { checksSources: true, timeoutSeconds: 600, retries: 1 }),
  service("build", { checksSources: true, needs: ["scan-files"], timeoutSeconds: 900 }),
  service("test", { checksSources: true, needs: ["build"], timeoutSeconds: 1200 }),
  release("sonar", { needsOfAllServices: ["test"], timeoutSeconds: 1800 }),
  service("package", { needs: ["lint-files", "charts-check", "sonar"], needsOfAllServices: CHECKS, timeoutSeconds: 1200, retries: 1 }),
  service("scan-images", { call: "scan", needs: ["package"], timeoutSeconds: 900, retries: 1 }),
  release("scan-chart-images", { call: "scan", needs: ["scan-files"], timeoutSeconds: 900, retries: 1 }),
  release("sign", { needs: ["scan-chart-images"], needsOfAllServices: ["package", "scan-images"], timeoutSeconds: 300, retries: 1 }),
  release("push", { needs: ["sign", "scan-chart-images"], needsOfAllServices: ["package", "scan-images"], timeoutSeconds: 900, retries: 2 }),
  environment("deploy-plan", { needs: ["push"], timeoutSeconds: 600 }),
  environment("deploy", { needs: ["deploy-plan"], timeoutSeconds: 1200 }),
  environment("canary", { needs: ["deploy"], timeoutSeconds: 21_600 }),
  environment("switch", { needs: ["deploy"], timeoutSeconds: 21_600 }),
  environment("smoke", { needs: ["deploy", "canary", "switch"], timeoutSeconds: 300, retries: 1 }),
  environment("perf", { needs: ["smoke"], timeoutSeconds: 3600 }),
  environment("notify", { needs: ["perf"], runsAfterFailure: true, timeoutSeconds: 60 }),
]

/** The stages that must have passed in one environment before the next one starts. */
export const ENVIRONMENT_GATES: readonly StageName[] = ["deploy", "canary", "switch", "smoke", "perf"]

type StageOptions = Partial<Omit<StageDefinition, "name" | "scope">> & Pick<StageDefinition, "timeoutSeconds">

function service(name: StageName, options: StageOptions): StageDefinition {
  return define(name, "service", options)
}

function release(name: StageName, options: StageOptions): StageDefinition {
  return define(name, "release", options)
}

function environment(name: StageName, options: StageOptions): StageDefinition {
  return define(name, "environment", options)
}

function define(name: StageName, scope: StageScope, options: StageOptions): StageDefinition {
  return {
    name,
    scope,
    call: name,
    needs: [],
    needsOfAllServices: [],
    checksSources: false,
    runsAfterFailure: false,
    retries: 0,
    ...options,
  }
}

/** The row of the table for a name; the name's type makes a miss impossible. */
export function stageDefinition(name: StageName): StageDefinition {
  return STAGES[STAGE_NAMES.indexOf(name)] as StageDefinition
}
