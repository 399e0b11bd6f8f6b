import { dag, type Container, type Directory } from "@dagger.io/dagger"
import type { TerraformConfig } from "../../core/config/terraform.js"
import { UsageError } from "../../core/errors.js"
import { lastLines } from "../../core/gates/exec.js"
import { cliConfig } from "../../core/terraform/cli-config.js"
import { TERRAFORM_PLACES } from "../../core/terraform/places.js"
import { runCommand, runCommands, type ExecLimits } from "../exec.js"
import { containerOf } from "../image-container.js"
import type { Run } from "../run.js"

const { tools, tree } = TERRAFORM_PLACES
const MODULE_FOLDER = "tools/terraform"
const POLICIES = ["policy/plan.rego", "policy/hcl.rego"]
const STAND_IN = ["stand-in/package.json", "stand-in/package-lock.json", "stand-in/stand-in.mjs", "stand-in/stand-in.proto", "stand-in/schema.json"]
const OTHERS = ["plan-of.mjs", "tflint.hcl"]

export function terraformOf(run: Run): TerraformConfig {
  const { terraform } = run.checkout.config
  if (terraform === null) throw new UsageError("delivery.yaml has no `terraform`: add it with the `path` of your infrastructure code")
  return terraform
}

/** tofu with what it needs and what judges it, without a file of the repository. */
export async function terraformTools(run: Run, providers: Directory | null, limits: ExecLimits): Promise<Container> {
  const program = (key: string, path: string) => dag.container().from(run.checkout.image(key)).file(path)
  const source = dag.currentModule().source()
  const text = async (file: string): Promise<string> => source.file(`${MODULE_FOLDER}/${file}`).contents()
  let container = containerOf(run.checkout.image("node"))
    .withoutEntrypoint()
    .withEnvVariable("CI", "true")
    .withEnvVariable("NO_COLOR", "1")
    .withEnvVariable("CHECKPOINT_DISABLE", "1")
    .withEnvVariable("TF_IN_AUTOMATION", "1")
    .withMountedCache("/root/.npm", dag.cacheVolume("delivery-terraform-npm"))
    .withWorkdir(`${tools}/stand-in`)
  for (const file of STAND_IN.slice(0, 2)) container = container.withNewFile(`${tools}/${file}`, await text(file))
  const installed = await runCommand(container, ["npm", "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"], limits)
  if (installed.exitCode !== 0) throw new Error(`the stand-in for providers was not installed: npm ci ended with ${installed.exitCode}: ${lastLines(installed.stderr, 4)}`)
  container = installed.container
  for (const file of [...STAND_IN.slice(2), ...POLICIES, ...OTHERS]) container = container.withNewFile(`${tools}/${file}`, await text(file))
  if (providers !== null) container = container.withDirectory("/providers", providers)
  return container
    .withFile("/usr/local/bin/tofu", program("opentofu", "/usr/local/bin/tofu"))
    .withFile("/usr/local/bin/conftest", program("conftest", "/usr/local/bin/conftest"))
    .withFile("/usr/local/bin/tflint", program("tflint", "/usr/local/bin/tflint"))
    .withMountedCache("/plugins", dag.cacheVolume("delivery-terraform-plugins"))
    .withNewFile("/etc/tofurc", cliConfig(terraformOf(run).mirror, providers !== null))
    .withEnvVariable("TF_CLI_CONFIG_FILE", "/etc/tofurc")
    .withWorkdir(tree)
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
