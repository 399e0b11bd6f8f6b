import { dag, type Directory } from "@dagger.io/dagger"
import { lastLines } from "../core/gates/exec.js"
import type { SourceAnalyser } from "../core/sast/analyser.js"
import { stepsOf } from "../core/steps/step.js"
import { runSteps } from "./exec.js"
import { containerOf } from "./image-container.js"
import type { Run } from "./run.js"

/** An analyser as its lock file has it, with its rules, installed in a container without a file of the repository. */
export async function sastTools(run: Run, analyser: SourceAnalyser, timeoutSeconds: number): Promise<Directory> {
  const { cacheFolder, imageKey, install, lockFiles, lockFolder, name } = analyser
  let container = containerOf(run.checkout.image(imageKey))
    .withoutEntrypoint()
    .withEnvVariable("CI", "true")
    .withEnvVariable("NO_COLOR", "1")
    .withMountedCache(cacheFolder, dag.cacheVolume(`delivery-${lockFolder}`))
    .withWorkdir("/tools")
  const source = dag.currentModule().source()
  for (const file of lockFiles) {
    // As a text: a file of the module has the time of its checkout, and nothing would come from the cache.
    container = container.withNewFile(file, await source.file(`tools/${lockFolder}/${file}`).contents())
  }
  const { outcomes, container: installed } = await runSteps(container, stepsOf(install, { needed: true }), { runId: run.header.runId, timeoutSeconds })
  const broken = outcomes.find(({ exitCode }) => exitCode !== 0)
  if (broken !== undefined) throw new Error(`${name} was not installed: ${broken.argv.join(" ")} ended with ${broken.exitCode}: ${lastLines(broken.stderr || broken.stdout, 4)}`)
  return installed.directory("/tools")
}
