import { dag, type Container, type Directory, type File } from "@dagger.io/dagger"
import type { TerraformConfig } from "../../core/config/terraform.js"
import { joinPath } from "../../core/detect/tree.js"
import { UsageError } from "../../core/errors.js"
import { lastLines } from "../../core/gates/exec.js"
import { cliConfig } from "../../core/terraform/cli-config.js"
import { terraformLayout, type TerraformLayout } from "../../core/terraform/layout.js"
import { TERRAFORM_PLACES } from "../../core/terraform/places.js"
import { runCommand, runCommands, type ExecLimits } from "../exec.js"
import { filePaths } from "../files-alone.js"
import { containerOf } from "../image-container.js"
import type { Run } from "../run.js"

const { tools, tree } = TERRAFORM_PLACES
const MODULE_FOLDER = "tools/terraform"
const POLICIES = ["policy/plan.rego", "policy/hcl.rego"]
const STAND_IN = ["stand-in/package.json", "stand-in/package-lock.json", "stand-in/stand-in.mjs", "stand-in/stand-in.proto", "stand-in/schema.json"]
const CHECK_FILES = ["plan-of.mjs", "tflint.hcl"]

export function terraformOf(run: Run): TerraformConfig {
  const { terraform } = run.checkout.config
  if (terraform === null) throw new UsageError("delivery.yaml has no `terraform`: add it with the `path` of your infrastructure code")
  return terraform
}

/** The infrastructure code: where it is, and what folders it has. */
export async function infrastructureOf(run: Run): Promise<{ readonly path: string; readonly source: Directory; readonly layout: TerraformLayout }> {
  const path = joinPath(terraformOf(run).path)
  const source = run.checkout.source.directory(path).filter({ exclude: ["**/.terraform"] })
  return { path, source, layout: terraformLayout(path, await filePaths(source)) }
}

const programOf = (run: Run, key: string, path: string): File => dag.container().from(run.checkout.image(key)).file(path)

/** Files of the module, as texts: a file of it has the time of its checkout, and nothing would come from the cache. */
async function withModuleFiles(container: Container, files: readonly string[]): Promise<Container> {
  const source = dag.currentModule().source()
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await source.file(`${MODULE_FOLDER}/${file}`).contents() })))
  return texts.reduce((made, { file, text }) => made.withNewFile(`${tools}/${file}`, text), container)
}

const withNode = (run: Run): Container => containerOf(run.checkout.image("node")).withoutEntrypoint().withEnvVariable("CI", "true").withEnvVariable("NO_COLOR", "1")

/** tofu with what it needs and the policies, without a file of the repository. */
export async function terraformTools(run: Run, providers: Directory | null): Promise<Container> {
  let container = await withModuleFiles(withNode(run).withEnvVariable("CHECKPOINT_DISABLE", "1").withEnvVariable("TF_IN_AUTOMATION", "1"), POLICIES)
  if (providers !== null) container = container.withDirectory("/providers", providers)
  return container
    .withFile("/usr/local/bin/tofu", programOf(run, "opentofu", "/usr/local/bin/tofu"))
    .withFile("/usr/local/bin/conftest", programOf(run, "conftest", "/usr/local/bin/conftest"))
    .withMountedCache("/plugins", dag.cacheVolume("delivery-terraform-plugins"))
    .withNewFile("/etc/tofurc", cliConfig(terraformOf(run).mirror, providers !== null))
    .withEnvVariable("TF_CLI_CONFIG_FILE", "/etc/tofurc")
    .withWorkdir(tree)
}

/** The same with what checks without an account: tflint, and what stands in for providers that are out of reach. */
export async function terraformCheckTools(run: Run, providers: Directory | null, limits: ExecLimits): Promise<Container> {
  const [base, standIn] = await Promise.all([terraformTools(run, providers), installedStandIn(run, limits)])
  const container = base.withDirectory(`${tools}/stand-in`, standIn).withFile("/usr/local/bin/tflint", programOf(run, "tflint", "/usr/local/bin/tflint"))
  return withModuleFiles(container, [...STAND_IN.slice(2), ...CHECK_FILES])
}

async function installedStandIn(run: Run, limits: ExecLimits): Promise<Directory> {
  const container = withNode(run).withMountedCache("/root/.npm", dag.cacheVolume("delivery-terraform-npm")).withWorkdir(`${tools}/stand-in`)
  const installed = await runCommand(await withModuleFiles(container, STAND_IN.slice(0, 2)), ["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"], limits)
  if (installed.exitCode !== 0) throw new Error(`the stand-in for providers was not installed: npm ci ended with ${installed.exitCode}: ${lastLines(installed.stderr, 4)}`)
  return installed.container.directory(`${tools}/stand-in`)
}

const VENV = "/venv/bin"

/** checkov as its lock has it, with a place for what it looks at. */
export async function checkovTools(run: Run, limits: ExecLimits): Promise<Container> {
  const base = containerOf(run.checkout.image("python"))
    .withoutEntrypoint()
    .withEnvVariable("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    .withEnvVariable("PIP_NO_INPUT", "1")
    .withEnvVariable("NO_COLOR", "1")
    .withMountedCache("/root/.cache/pip", dag.cacheVolume("delivery-terraform-pip"))
    .withNewFile("/checkov/requirements.txt", await dag.currentModule().source().file(`${MODULE_FOLDER}/checkov/requirements.txt`).contents())
  const commands = [
    ["python3", "-m", "venv", "/venv"],
    // Wheels alone: building one would run its code, and need a compiler.
    [`${VENV}/pip`, "install", "--quiet", "--require-hashes", "--only-binary=:all:", "-r", "/checkov/requirements.txt"],
  ]
  const results = await runCommands(base, commands, limits)
  const broken = results.find(({ exitCode }) => exitCode !== 0)
  if (broken !== undefined) throw new Error(`checkov was not installed: ${broken.argv.join(" ")} ended with ${broken.exitCode}: ${lastLines(broken.stderr || broken.stdout, 4)}`)
  return (results.at(-1)?.container ?? base).withEnvVariable("PATH", `${VENV}:\${PATH}`, { expand: true })
}
