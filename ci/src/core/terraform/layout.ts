import { joinPath } from "../detect/tree.js"
import { UsageError } from "../errors.js"

/** A folder of HCL, relative to `terraform.path`. */
export interface TerraformFolder {
  /** The environment of a root, or the module's name. */
  readonly name: string
  readonly folder: string
  readonly hasTests: boolean
}

export interface TerraformLayout {
  /** What is applied: one folder for each environment. */
  readonly roots: readonly TerraformFolder[]
  readonly modules: readonly TerraformFolder[]
  /** Every .tf file. */
  readonly files: readonly string[]
}

/** What there is below `terraform.path`; `paths` are relative to it. */
export function terraformLayout(path: string, paths: readonly string[]): TerraformLayout {
  const files = paths.filter((file) => file.endsWith(".tf"))
  const below = (parent: string): readonly TerraformFolder[] => {
    const names = new Set(files.flatMap((file) => new RegExp(`^${parent}/([^/]+)/[^/]+\\.tf$`).exec(file)?.[1] ?? []))
    return [...names].sort().map((name) => {
      const folder = `${parent}/${name}`
      return { name, folder, hasTests: paths.some((file) => file.startsWith(`${folder}/`) && file.endsWith(".tftest.hcl")) }
    })
  }
  const layout = { roots: below("envs"), modules: below("modules"), files }
  if (layout.roots.length > 0) return layout
  throw new UsageError(`terraform.path: expected ${joinPath(path)}/envs/<environment>/*.tf, got ${files.length === 0 ? "no .tf file at all" : `${files.length} .tf files elsewhere`}. Put what is applied to an environment there.`)
}

export function rootOf(layout: TerraformLayout, path: string, environment: string): TerraformFolder {
  const root = layout.roots.find(({ name }) => name === environment)
  if (root !== undefined) return root
  throw new UsageError(`--environment: expected one that has a folder in ${joinPath(path)}/envs, got \`${environment}\`; there are ${layout.roots.map(({ name }) => name).join(", ")}.`)
}
