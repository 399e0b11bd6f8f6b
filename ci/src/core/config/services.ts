import { completeCommands, type CommandOverrides, type RawCommands } from "./commands.js"
import { asVariables, mapSchema } from "./schema-node.js"
import { joinPath } from "../detect/tree.js"
import type { ServiceFacts } from "../detect/service.js"
import type { ToolchainRecipe } from "../toolchains/toolchain.js"
import { serviceSchema } from "./services-schema.js"
import { checkServices } from "./services-check.js"
import { completeSmokeCheck, type RawSmokeCheck, type SmokeCheck } from "./smoke.js"
import type { ConfigSection } from "./section.js"
import { completeTests, type RawTests, type TestsConfig } from "./tests.js"

export interface ServiceConfig {
  readonly name: string
  readonly path: string
  readonly toolchain: string
  readonly commands: CommandOverrides
  /** Key of pins.yaml or reference; null takes the toolchain's. */
  readonly buildImage: string | null
  /** Relative to the repository, like `context`; null when there is none. */
  readonly dockerfile: string | null
  readonly context: string
  readonly image: string
  /** Such as linux/arm64; none stands for the engine's own. */
  readonly platforms: readonly string[]
  /** Null when neither delivery.yaml nor a Dockerfile tells. */
  readonly port: number | null
  readonly health: string
  /** How long `build` waits for the started service to answer `health`; 0 starts nothing. */
  readonly startSeconds: number
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
  /** How to install, check and build it: the toolchain's way with what delivery.yaml says put in. */
  readonly recipe: ToolchainRecipe
}

export const SERVICES_SECTION: ConfigSection = {
  key: "services",
  required: true,
  schema: { ...mapSchema("The services, by name.", serviceSchema), minProperties: 1 },
  check: checkServices,
}

/** A service as the schema's defaults leave it. */
export interface RawService
  extends Pick<ServiceConfig, "path" | "platforms" | "health" | "startSeconds" | "ready" | "metrics" | "routes" | "dependsOn" | "env" | "canary">,
    Partial<Pick<ServiceConfig, "toolchain" | "context" | "image">> {
  readonly buildImage?: string
  readonly dockerfile?: string
  readonly port?: number
  readonly artifacts?: readonly string[]
  readonly commands: RawCommands
  readonly smoke: readonly RawSmokeCheck[]
  readonly tests: RawTests
}

/** Fills what the schema's defaults cannot say, from what was found in the tree; what is deployed must have a Dockerfile. */
export function completeService(name: string, raw: RawService, facts: ServiceFacts, product: { readonly project: string; readonly deployed: boolean }): ServiceConfig {
  return {
    ...raw,
    name,
    toolchain: facts.toolchain,
    recipe: facts.recipe,
    buildImage: raw.buildImage ?? null,
    commands: completeCommands(raw.commands),
    dockerfile: raw.dockerfile ?? facts.dockerfile ?? (product.deployed ? joinPath(raw.path, "Dockerfile") : null),
    context: raw.context ?? raw.path,
    image: raw.image ?? joinPath(product.project, name),
    port: raw.port ?? facts.port,
    env: asVariables(raw.env),
    canary: { env: asVariables(raw.canary.env) },
    tests: completeTests(raw.tests),
    smoke: raw.smoke.map(completeSmokeCheck),
    artifacts: raw.artifacts ?? null,
  }
}
