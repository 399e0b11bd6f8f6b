import { dag, type Container, type Directory } from "@dagger.io/dagger"
import type { ServiceConfig } from "../core/config/services.js"
import { toolchainRecipe, type ToolchainRecipe } from "../core/toolchains/recipe.js"
import { lastLines } from "../core/gates/exec.js"
import { runCommands } from "./exec.js"
import type { Run } from "./run.js"

export const WORKDIR = "/work"
const NOT_SOURCES = ["**/node_modules", "**/.venv", "**/__pycache__"]

/** A service's container with its dependencies installed and its sources in place, or why there is none. */
export interface PreparedService {
  readonly recipe: ToolchainRecipe
  readonly container: Container
}

/** Installs by manifest and lock file alone, so that a change of the sources installs nothing again. */
export async function prepareService(run: Run, service: ServiceConfig, timeoutSeconds: number): Promise<PreparedService> {
  const sources = run.checkout.source.directory(service.path).filter({ exclude: NOT_SOURCES })
  const recipe = toolchainRecipe(service, await lockHash(sources, toolchainRecipe(service, "").manifestFiles))
  let container = dag.container().from(run.checkout.image(recipe.imageKey)).withoutEntrypoint().withWorkdir(WORKDIR)
  for (const [name, value] of Object.entries(recipe.env)) container = container.withEnvVariable(name, value)
  for (const { mountPath, volume } of recipe.caches) container = container.withMountedCache(mountPath, dag.cacheVolume(volume))
  container = container.withDirectory(WORKDIR, sources, { include: [...recipe.manifestFiles] })
  const installed = await runCommands(container, recipe.install, { runId: run.header.runId, timeoutSeconds })
  const broken = installed.find(({ exitCode }) => exitCode !== 0)
  if (broken !== undefined) {
    throw new Error(`${service.name}: dependencies were not installed: ${broken.argv.join(" ")} ended with ${broken.exitCode}: ${lastLines(broken.stderr || broken.stdout, 4)}`)
  }
  const ready = installed.at(-1)?.container ?? container
  return { recipe, container: ready.withDirectory(WORKDIR, sources) }
}

/** The digest of manifest and lock files: the same for the same files, whatever their times. */
async function lockHash(sources: Directory, manifestFiles: readonly string[]): Promise<string> {
  const digest = await sources.filter({ include: [...manifestFiles] }).digest()
  return digest.split(":").at(-1) ?? digest
}
