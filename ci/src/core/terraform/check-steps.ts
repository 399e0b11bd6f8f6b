import type { Command } from "../config/commands.js"
import type { Step } from "../steps/step.js"
import type { TerraformFolder, TerraformLayout } from "./layout.js"
import { TERRAFORM_PLACES } from "./places.js"

const { tree, standIn, schema, planOf, policies, tflintRules, data, plans } = TERRAFORM_PLACES

/** Whether the providers themselves run, or a program that knows no more than their schema. */
export type ProviderSource = "real" | "stand-in"

const throughStandIn = (argv: Command): Command => ["node", standIn, schema, ...argv]

/** Asks for the providers of the first root: the others use the same. */
export const providerStep = ({ folder }: TerraformFolder): Step => ({ name: "provider", argv: ["tofu", "init", "-backend=false", "-input=false", "-no-color"], folder: `${tree}/${folder}`, timeoutSeconds: 240 })

/** Lists of steps: those of one list wait for each other. */
export function checkSteps(layout: TerraformLayout, source: ProviderSource, ownTflintRules: string | null): readonly (readonly Step[])[] {
  const tofu = (folder: TerraformFolder, name: string, argv: Command, needed = false): Step => ({
    name: `${folder.folder}/${name}`,
    argv: ["tofu", ...argv],
    runs: source === "real" ? ["tofu", ...argv] : throughStandIn(["tofu", ...argv]),
    folder: `${tree}/${folder.folder}`,
    needed,
  })
  const prepared = (folder: TerraformFolder): readonly Step[] => [
    tofu(folder, "init", ["init", "-backend=false", "-input=false", "-no-color"], true),
    tofu(folder, "validate", ["validate", "-json"], true),
  ]
  const roots = layout.roots.map((root) => [...prepared(root), ...(root.hasTests ? planned(root, tofu(root, "test", ["test", "-json", "-verbose"])) : [])])
  const modules = layout.modules.map((module) => [...prepared(module), ...(module.hasTests ? [tofu(module, "test", ["test", "-json"])] : [])])
  return [...roots, ...modules, [FORMAT_STEP], [filesPolicyStep(layout.files)], [tflintStep(ownTflintRules)]]
}

/** The tests of a root, whose plan is kept, and what the policies say about that. */
function planned({ name, folder }: TerraformFolder, test: Step): readonly Step[] {
  const plan = `${plans}/${name}.json`
  return [{ ...test, runs: ["node", planOf, plan, ...(test.runs ?? test.argv)] }, { name: `${folder}/policy`, argv: planPolicyCommand(name, plan) }]
}

export const planPolicyCommand = (environment: string, plan: string): Command => ["conftest", "test", "--output", "json", "--no-color", "--namespace", "plan", "--policy", policies, "--data", `${data}/${environment}.json`, plan]

export const FORMAT_STEP: Step = { name: "fmt", argv: ["tofu", "fmt", "-check", "-recursive", "-no-color"], folder: tree }

const filesPolicyStep = (files: readonly string[]): Step => ({
  name: "files-policy",
  argv: ["conftest", "test", "--output", "json", "--no-color", "--combine", "--parser", "hcl2", "--namespace", "hcl", "--policy", policies, "."],
  // A leading slash: the rules tell roots from modules by their folders.
  runs: ["conftest", "test", "--output", "json", "--no-color", "--combine", "--parser", "hcl2", "--namespace", "hcl", "--policy", policies, ...files.map((file) => `${tree}/${file}`)],
  folder: tree,
})

const tflintStep = (ownRules: string | null): Step => ({ name: "tflint", argv: ["tflint", "--recursive", "--format=json", `--config=${ownRules === null ? tflintRules : `${tree}/${ownRules}`}`], folder: tree })

/** What the policies know besides the plan. */
export const policyData = (isProtected: boolean): string => `${JSON.stringify({ delivery: { protected: isProtected } })}\n`
