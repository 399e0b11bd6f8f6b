import { checkExceptionDays, exceptionsSchema, type DatedException } from "./exceptions.js"
import { credentialSchema, ENVIRONMENT_VARIABLES, listSchema, objectSchema, pathSchema, textSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { ConfigSection, SectionProblem } from "./section.js"

export interface TerraformConfig {
  readonly path: string
  /** Where providers come from instead of their registry. */
  readonly mirror: string | null
  /** Name of the credential that saved plans are encrypted with; without it none is saved. */
  readonly passphrase: string | null
  /** Variables by the names of their credentials, by environment. */
  readonly credentials: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Kinds of resources whose end needs a confirmation of its own, besides those that the module knows. */
  readonly keep: readonly string[]
  readonly exceptions: readonly DatedException[]
}

export type RawTerraform = Pick<TerraformConfig, "path" | "credentials" | "keep" | "exceptions"> & Partial<TerraformConfig>

const terraformVariables: SchemaNode = {
  ...ENVIRONMENT_VARIABLES,
  title: "a mapping from variable names to NAMES of credentials",
  description: "Variables of one environment, such as those of AWS and TF_VAR_…, by the names of their credentials.",
  additionalProperties: credentialSchema(""),
}

const checkIdSchema: SchemaNode = {
  type: "string",
  title: "the id of a policy or check, such as database-tls, CKV_AWS_18 or AWS-0089",
  description: "What the report calls it.",
  pattern: "^[A-Za-z][0-9A-Za-z_.-]*$",
}

export const TERRAFORM_SECTION: ConfigSection = {
  key: "terraform",
  required: false,
  schema: objectSchema("Infrastructure as code, for OpenTofu. Default: none.", ["path"], {
    path: pathSchema("Folder with `modules/<name>` and `envs/<environment>`."),
    mirror: {
      type: "string",
      title: "a URL such as https://mirror.example.org/providers",
      description: "Network mirror that providers come from. Default: their registry.",
      pattern: "^https://[^\\s/]+(/\\S*)?$",
    },
    passphrase: credentialSchema("Name of the credential that saved plans are encrypted with, 16 characters at least. Default: no plan is saved, so none can be applied."),
    credentials: {
      type: "object",
      title: "a mapping from environments to variables",
      description: "What terraform-plan, terraform-apply and terraform-drift get, by environment.",
      default: {},
      additionalProperties: terraformVariables,
    },
    keep: withDefault(listSchema("Kinds of resources whose end needs a confirmation of its own, besides databases, buckets, keys and what else holds data in AWS.", textSchema("Such as aws_dynamodb_table.")), []),
    exceptions: exceptionsSchema("What terraform-check tells and does not fail for, for a while.", checkIdSchema, { path: true }),
  }),
  check: ({ root }) => checkTerraform(root["terraform"] as Partial<RawTerraform> | undefined, Object.keys((root["environments"] ?? {}) as object)),
}

export function completeTerraform(raw: RawTerraform): TerraformConfig {
  return { ...raw, mirror: raw.mirror ?? null, passphrase: raw.passphrase ?? null }
}

function checkTerraform(given: Partial<RawTerraform> | undefined, environments: readonly string[]): readonly SectionProblem[] {
  const unknown = Object.keys(given?.credentials ?? {}).filter((name) => !environments.includes(name))
  return [
    ...checkExceptionDays("terraform", given?.exceptions),
    ...unknown.map((name): SectionProblem => ({ path: ["terraform", "credentials", name], expected: "an environment of delivery.yaml", got: `\`${name}\``, fix: environments.length === 0 ? "There is none: add it." : `There are ${environments.join(", ")}.` })),
  ]
}
