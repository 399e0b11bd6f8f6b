import type { Changeset, Directory, File } from "@dagger.io/dagger"
import { ciFiles, wrapperFor, type CiFile } from "../core/ci-files/ci-files.js"
import { planCi } from "../core/ci-files/ci-plan.js"
import { nextSteps } from "../core/ci-files/next-steps.js"
import { readYaml } from "../core/config/config.js"
import { UsageError } from "../core/errors.js"
import { readCheckout, type CheckoutSource } from "./checkout.js"

/** The files of the CI systems for a checkout, and the wrapper that they call where it holds none of its own. */
async function wantedFiles(from: CheckoutSource, daggerw: File) {
  const [{ config }, text, own] = await Promise.all([readCheckout(from), from.source.file("delivery.yaml").contents(), holdsModule(from.source)])
  const plan = planCi(config, (await readYaml(text, "delivery.yaml")).data)
  const { module, systems } = config.ci
  if (module === null && !own) {
    throw new UsageError("delivery.yaml: ci.module: expected the git address and version of the module, got none. Write it, such as `ci: {module: github.com/acme/delivery@v1.2.3}`.")
  }
  const wrapper: CiFile[] = module === null ? [] : [{ path: "daggerw", text: wrapperFor(await daggerw.contents(), module) }]
  return { files: [...ciFiles(plan, systems), ...wrapper], plan, config }
}

/** Writes the files, and tells what is left to do in each system. */
export async function writeCiFiles(from: CheckoutSource, daggerw: File): Promise<Changeset> {
  const { files, plan, config } = await wantedFiles(from, daggerw)
  for (const line of nextSteps(plan, config.ci)) console.log(line)
  const written = files.reduce((tree, { path, text }) => tree.withNewFile(path, text, { permissions: path === "daggerw" ? 0o755 : 0o644 }), from.source)
  return written.changes(from.source)
}

/** What should be there, and what is. */
export async function readCiFiles(from: CheckoutSource, daggerw: File): Promise<{ wanted: readonly CiFile[]; present: Readonly<Record<string, string | null>> }> {
  const { files } = await wantedFiles(from, daggerw)
  const present = await Promise.all(files.map(async ({ path }): Promise<[string, string | null]> => [path, (await from.source.exists(path)) ? await from.source.file(path).contents() : null]))
  return { wanted: files, present: Object.fromEntries(present) }
}

async function holdsModule(source: Directory): Promise<boolean> {
  if (!(await source.exists("dagger.json"))) return false
  return (JSON.parse(await source.file("dagger.json").contents()) as { readonly name?: string }).name === "delivery"
}
