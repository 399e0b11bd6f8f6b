import type { Command, CommandName } from "../config/commands.js"
import type { ServiceConfig, TestsConfig, ToolchainName } from "../config/services.js"
import { NODE_TOOLCHAIN } from "./node.js"
import { PLAIN_TOOLCHAIN } from "./plain.js"
import { PYTHON_TOOLCHAIN } from "./python.js"
import type { CacheMount, Toolchain } from "./toolchain.js"

/** Every toolchain: one line registers one. */
const TOOLCHAINS: Readonly<Record<ToolchainName, Toolchain>> = {
  node: NODE_TOOLCHAIN,
  python: PYTHON_TOOLCHAIN,
  plain: PLAIN_TOOLCHAIN,
}

/** All that is needed to install, check and build one service in a container. */
export interface ToolchainRecipe extends Readonly<Record<CommandName, readonly Command[]>> {
  readonly imageKey: string
  readonly env: Readonly<Record<string, string>>
  readonly caches: readonly CacheMount[]
  /** Copied before `install`; a missing one is no fault. */
  readonly manifestFiles: readonly string[]
  readonly reports: Pick<TestsConfig, "junit" | "lcov" | "cobertura">
  /** What `build` leaves behind, relative to the service. */
  readonly artifacts: readonly string[]
}

/** The toolchain's recipe with the service's own commands put in. `lockHash` names the cache volumes. */
export function toolchainRecipe(service: ServiceConfig, lockHash: string): ToolchainRecipe {
  const toolchain = TOOLCHAINS[service.toolchain]
  const { junit, lcov, cobertura } = service.tests
  return {
    imageKey: toolchain.imageKey,
    env: toolchain.env,
    caches: toolchain.caches.map(({ name, mountPath }) => ({ mountPath, volume: cacheVolume(name, lockHash) })),
    manifestFiles: toolchain.manifestFiles,
    ...toolchain.commands(service),
    ...service.commands,
    reports: { junit, lcov, cobertura },
    artifacts: service.artifacts ?? toolchain.artifacts,
  }
}

// By lock file: a volume shared by all would grow for ever, one per commit would never be warm.
function cacheVolume(name: string, lockHash: string): string {
  return `delivery-${name}-${lockHash.slice(0, 16)}`
}
