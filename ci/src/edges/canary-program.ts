import { dag, type Container, type Directory } from "@dagger.io/dagger"
import { lastLines } from "../core/gates/exec.js"
import { runCommands } from "./exec.js"
import { containerOf } from "./image-container.js"
import type { Run } from "./run.js"

const TIMEOUT_SECONDS = 300
const PROGRAM_MANIFESTS = ["package.json", "package-lock.json"]
const INSTALL = [["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]]
const BUNDLE = [["node", "bundle.mjs"]]
// A user of its own, as charts ask for; less memory than Node would take before it tidies up.
export const SWITCH_COMMAND = ["node", "--max-old-space-size=32", "/app/switch.mjs"]

/** controller.mjs and switch.mjs, each one file that needs nothing but Node; from the cache while neither has changed. */
export async function canaryPrograms(run: Run): Promise<Directory> {
  const source = dag.currentModule().source()
  let container = containerOf(run.checkout.image("node"))
    .withoutEntrypoint()
    .withMountedCache("/root/.npm", dag.cacheVolume("delivery-npm"))
    .withWorkdir("/work/controller")
  // As a text, and without times: a file of the module has the time of its checkout, and nothing would come from the cache.
  for (const file of PROGRAM_MANIFESTS) container = container.withNewFile(file, await source.file(`controller/${file}`).contents())
  const installed = await step(run, container, INSTALL)
  const sources = dag
    .directory()
    .withFile("controller/bundle.mjs", source.file("controller/bundle.mjs"))
    .withDirectory("controller/src", source.directory("controller/src"))
    .withDirectory("src/core", source.directory("src/core"))
    .withDirectory("src/edges", source.directory("src/edges"))
    .withTimestamps(0)
  const bundled = await step(run, installed.withDirectory("/work", sources), BUNDLE)
  return bundled.directory("dist").withTimestamps(0)
}

/** The image of the dead man's switch: Node and one file. */
export async function switchImage(run: Run): Promise<Container> {
  const programs = await canaryPrograms(run)
  return dag
    .container()
    .from(run.checkout.image("node"))
    .withDirectory("/app", dag.directory().withFile("switch.mjs", programs.file("switch.mjs")).withTimestamps(0))
    .withEntrypoint(SWITCH_COMMAND)
    .withoutDefaultArgs()
    .withUser("65532:65532")
    .withWorkdir("/app")
}

async function step(run: Run, container: Container, commands: readonly (readonly string[])[]): Promise<Container> {
  const results = await runCommands(container, commands, { runId: run.header.runId, timeoutSeconds: TIMEOUT_SECONDS })
  const broken = results.find(({ exitCode }) => exitCode !== 0)
  if (broken !== undefined) throw new Error(`the canary's programs were not built: ${broken.argv.join(" ")} ended with ${broken.exitCode}: ${lastLines(broken.stderr || broken.stdout, 4)}`)
  return results.at(-1)?.container ?? container
}
