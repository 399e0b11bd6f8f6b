import type { Command, CommandName } from "../config/commands.js"
import type { ServiceConfig } from "../config/services.js"

/** A folder kept between runs. */
export interface CacheMount {
  readonly mountPath: string
  readonly volume: string
}

/** What a toolchain brings before delivery.yaml has its say. */
export interface Toolchain {
  /** Key of the image in pins.yaml. */
  readonly imageKey: string
  readonly env: Readonly<Record<string, string>>
  /** Kept between runs: name and where it is mounted. */
  readonly caches: readonly { readonly name: string; readonly mountPath: string }[]
  /** Manifest and lock files, relative to the service: all that `install` may depend on. */
  readonly manifestFiles: readonly string[]
  readonly commands: (service: ServiceConfig) => Readonly<Record<CommandName, readonly Command[]>>
  readonly artifacts: readonly string[]
}
