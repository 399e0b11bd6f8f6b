import { dag, type Container } from "@dagger.io/dagger"
import { lastLines } from "../core/gates/exec.js"
import { stepsOf } from "../core/steps/step.js"
import { runSteps } from "./exec.js"
import { containerOf } from "./image-container.js"
import type { Run } from "./run.js"

// Held in the module, locked with hashes; relative to its source, `ci`.
const REQUIREMENTS = "tools/lint-files/requirements.txt"
const VENV_BIN = "/venv/bin"

/** Which programs besides those from PyPI are needed. */
export interface LintPrograms {
  readonly actionlint: boolean
  readonly helm: boolean
}

/** hadolint, yamllint and check-jsonschema from PyPI, and the programs of two images, in one container without a file of the repository. */
export async function lintTools(run: Run, programs: LintPrograms, timeoutSeconds: number): Promise<Container> {
  const { image } = run.checkout
  const base = containerOf(image("python"))
    .withoutEntrypoint()
    .withEnvVariable("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    .withEnvVariable("PIP_NO_INPUT", "1")
    .withEnvVariable("NO_COLOR", "1")
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("delivery-lint-files-pip"))
    // As a text: a file of the module has the time of its checkout, and nothing would come from the cache.
    .withNewFile("/lint/requirements.txt", await dag.currentModule().source().file(REQUIREMENTS).contents())
  const commands = [
    ["python3", "-m", "venv", "/venv"],
    // Wheels alone: building one would run its code, and need a compiler.
    [`${VENV_BIN}/pip`, "install", "--require-hashes", "--only-binary=:all:", "-r", "/lint/requirements.txt"],
  ]
  const { outcomes, container: installed } = await runSteps(base, stepsOf(commands, { needed: true }), { runId: run.header.runId, timeoutSeconds })
  const broken = outcomes.find(({ exitCode }) => exitCode !== 0)
  if (broken !== undefined) throw new Error(`the linters were not installed: ${broken.argv.join(" ")} ended with ${broken.exitCode}: ${lastLines(broken.stderr || broken.stdout, 4)}`)
  let container = installed.withEnvVariable("PATH", `${VENV_BIN}:\${PATH}`, { expand: true })
  if (programs.actionlint) container = container.withFile("/usr/local/bin/actionlint", dag.container().from(image("actionlint")).file("/usr/local/bin/actionlint"))
  if (programs.helm) container = container.withFile("/usr/local/bin/helm", dag.container().from(image("helm")).file("/usr/bin/helm"))
  return container
}
