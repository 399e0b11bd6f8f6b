import { dag, type Container, type Directory } from "@dagger.io/dagger"
import type { ServiceConfig } from "../core/config/services.js"
import type { ToolchainRecipe } from "../core/toolchains/toolchain.js"
import { relativeTo } from "../core/detect/tree.js"
import type { Command } from "../core/config/commands.js"
import { judgeInstall } from "../core/gates/install.js"
import { stepsOf } from "../core/steps/step.js"
import { commandLog, runSteps } from "./exec.js"
import { filesAlone } from "./files-alone.js"
import { containerOf } from "./image-container.js"
import { StageStop, type Run } from "./run.js"

/** Where the folder that a service is installed in, its own or its workspace's, stands in the container. */
const ROOT = "/work"
// The last ones are what Yarn 4 installs; another machine's would lie over the container's.
const NOT_SOURCES = ["**/node_modules", "**/.venv", "**/__pycache__", "**/.pnp.*", "**/.yarn/unplugged", "**/.yarn/install-state.gz"]

/** A service's container with its dependencies installed and its sources in place, its working directory the service's folder. */
export interface PreparedService {
  readonly recipe: ToolchainRecipe
  readonly container: Container
  /** The service's folder in the container. */
  readonly workdir: string
}

/** Installs by manifest and lock file alone, so that a change of the sources installs nothing again; `stageSetup` is what one stage alone needs. */
export async function prepareService(run: Run, service: ServiceConfig, timeoutSeconds: number, stageSetup: readonly Command[] = []): Promise<PreparedService> {
  const { recipe } = service
  const sources = run.checkout.source.directory(recipe.root === "" ? "." : recipe.root).filter({ exclude: NOT_SOURCES })
  const manifests = await filesAlone(sources, recipe.manifests)
  const volumes = recipe.caches.length === 0 ? "" : await filesHash(manifests)
  const image = run.checkout.image(recipe.imageKey)
  // An image that delivery.yaml names is left as it is: its own commands may want what others need not have; but for its user, who may not write where the sources go.
  let container = (service.buildImage === null ? containerOf(image) : dag.container().from(image)).withoutEntrypoint().withUser("0")
  for (const [name, value] of Object.entries(recipe.env)) container = container.withEnvVariable(name, value)
  for (const { name, mountPath } of recipe.caches) container = container.withMountedCache(mountPath, dag.cacheVolume(`delivery-${name}-${volumes}`))
  container = await install(run, service, container.withWorkdir("/"), [...(recipe.runtime == null ? [] : [recipe.runtime.argv]), ...recipe.setup], timeoutSeconds)
  container = container.withDirectory(ROOT, manifests).withWorkdir(ROOT)
  container = await install(run, service, container, recipe.install, timeoutSeconds)
  const workdir = `${ROOT}/${relativeTo(recipe.root, service.path)}`.replace(/\/$/, "")
  container = container.withDirectory(ROOT, sources).withWorkdir(workdir)
  return { recipe, workdir, container: await install(run, service, container, [...(recipe.installSelf ?? []), ...stageSetup], timeoutSeconds) }
}

async function install(run: Run, service: ServiceConfig, container: Container, commands: readonly Command[], timeoutSeconds: number): Promise<Container> {
  const { outcomes, container: installed } = await runSteps(container, stepsOf(commands, { needed: true }), { runId: run.header.runId, timeoutSeconds })
  const gate = judgeInstall(outcomes, { service: service.name, timeoutSeconds, lockProblems: service.recipe.lockProblems, runtime: service.recipe.runtime ?? null })
  if (gate.verdict !== "passed") throw new StageStop(gate, commandLog(outcomes))
  return installed
}

/** The same for the same files, whatever their times. A volume shared by all locks would grow for ever, one per commit would never be warm. */
async function filesHash(files: Directory): Promise<string> {
  const digest = await files.digest()
  return (digest.split(":").at(-1) ?? digest).slice(0, 16)
}
