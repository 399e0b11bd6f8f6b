import { completeCommands, type CommandOverrides, type RawCommands } from "./commands.js"
import { asVariables, mapSchema } from "./schema-node.js"
import { serviceSchema, type TOOLCHAIN_NAMES } from "./services-schema.js"
import { checkServices } from "./services-check.js"
import { completeSmokeCheck, type RawSmokeCheck, type SmokeCheck } from "./smoke.js"
import type { ConfigSection } from "./section.js"

export type ToolchainName = (typeof TOOLCHAIN_NAMES)[number]

export interface TestsConfig {
  readonly junit: string
  readonly lcov: string
  readonly cobertura: string
  readonly minimumCoveragePercent: number | null
}

export interface ServiceConfig {
  readonly name: string
  readonly path: string
  readonly toolchain: ToolchainName
  readonly commands: CommandOverrides
  /** Relative to the repository, like `context`. */
  readonly dockerfile: string
  readonly context: string
  readonly image: string
  readonly port: number
  readonly health: string
  readonly ready: string
  readonly metrics: string
  readonly routes: readonly string[]
  readonly dependsOn: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly canary: { readonly env: Readonly<Record<string, string>> }
  readonly tests: TestsConfig
  readonly smoke: readonly SmokeCheck[]
  /** What `build` leaves behind, relative to `path`; null takes the toolchain's. */
  readonly artifacts: readonly string[] | null
}

export const SERVICES_SECTION: ConfigSection = {
  key: "services",
  required: true,
  schema: { ...mapSchema("The services, by name.", serviceSchema), minProperties: 1 },
  check: checkServices,
}

type Loose<Whole, Key extends keyof Whole> = Omit<Whole, Key> & Partial<Pick<Whole, Key>>

/** A service as the schema's defaults leave it. */
export type RawService = Loose<Omit<ServiceConfig, "name" | "commands" | "smoke" | "tests">, "dockerfile" | "context" | "artifacts"> & {
  readonly commands: RawCommands
  readonly smoke: readonly RawSmokeCheck[]
  readonly tests: Loose<TestsConfig, "minimumCoveragePercent">
}

/** Fills what the schema's defaults cannot say. */
export function completeService(name: string, raw: RawService): ServiceConfig {
  return {
    ...raw,
    name,
    commands: completeCommands(raw.commands),
    dockerfile: raw.dockerfile ?? `${raw.path.replace(/\/+$/, "")}/Dockerfile`,
    context: raw.context ?? raw.path,
    env: asVariables(raw.env),
    canary: { env: asVariables(raw.canary.env) },
    tests: { ...raw.tests, minimumCoveragePercent: raw.tests.minimumCoveragePercent ?? null },
    smoke: raw.smoke.map(completeSmokeCheck),
    artifacts: raw.artifacts ?? null,
  }
}
