import { choiceSchema, credentialSchema, listSchema, objectSchema, withDefault, type SchemaNode } from "./schema-node.js"
import type { ConfigSection, SectionProblem } from "./section.js"

export const CI_SYSTEMS = ["gitlab", "circleci", "jenkins", "github"] as const
export type CiSystem = (typeof CI_SYSTEMS)[number]

/** What the files of the CI systems are made from, besides the environments. */
export interface CiConfig {
  readonly systems: readonly CiSystem[]
  /** Git address and version of the module; null in the repository that holds it. */
  readonly module: string | null
  readonly branch: string
  /** Five fields of cron, UTC; null for a product that nobody scans again. */
  readonly weekly: string | null
  /** `docker`: the system gives each job a Docker daemon. `kept`: its machines reach an engine that outlives the jobs, and its cache with it. */
  readonly engine: "docker" | "kept"
  /** Where verdicts are told beside the code; null for nowhere. */
  readonly forge: ForgeConfig | null
  /** Label, tag or name of the machines; null for each system's usual ones. */
  readonly runner: string | null
}

/** A code host that shows commit statuses, and comments of merge requests. */
export interface ForgeConfig {
  readonly kind: "gitlab" | "github"
  readonly api: string
  readonly project: string
  /** Name of the credential. */
  readonly token: string
}

export type RawCi = Omit<CiConfig, "module" | "runner" | "forge"> & Partial<Pick<CiConfig, "module" | "runner">> & { readonly forge?: Omit<ForgeConfig, "api"> & { readonly api?: string } }

// Each of these texts stands in files that shells and other parsers read, so nothing in it may need quotes.
const moduleSchema: SchemaNode = {
  type: "string",
  title: "a git address with a version, such as github.com/acme/delivery@v1.2.3",
  description: "Where the module is, for a repository that does not hold it itself.",
  pattern: "^(https?://|ssh://|git@)?[A-Za-z0-9][A-Za-z0-9._:/~-]*@[A-Za-z0-9][A-Za-z0-9._/-]*$",
}
const branchSchema: SchemaNode = { type: "string", title: "the name of a branch", description: "What is delivered; all others are only checked.", pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]*$" }
const cronSchema: SchemaNode = {
  type: ["string", "null"],
  title: "five fields of cron such as `17 4 * * 1`, or null",
  description: "When scan and drift run by themselves, in UTC; null for never.",
  pattern: "^[0-9*,/-]+( [0-9A-Za-z*,/-]+){4}$",
}
const runnerSchema: SchemaNode = {
  type: "string",
  title: "a label of letters, digits, dots, underscores and dashes",
  description: "Machines to run on: a label of Jenkins, a tag of GitLab, `runs-on` of GitHub, a resource class of CircleCI. Default: each system's usual ones.",
  pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]*$",
}

const forgeSchema = objectSchema("Tells each run as a commit status and as a comment of the merge request, by token. Default: nowhere.", ["kind", "project", "token"], {
  kind: choiceSchema("What the code lies in.", ["gitlab", "github"]),
  api: { type: "string", title: "a URL such as https://gitlab.example.com/api/v4", description: "Its API. Default: that of gitlab.com or github.com.", pattern: "^https?://[^\\s/]+(/\\S*)?$" },
  project: { type: "string", title: "a path such as acme/shop", description: "The repository's path there.", pattern: "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$" },
  token: credentialSchema("Name of the credential that holds the token: `api` in GitLab, write access to statuses and pull requests in GitHub."),
})

export const CI_SECTION: ConfigSection = {
  key: "ci",
  required: false,
  schema: withDefault(
    objectSchema("What `ci-generate` writes and `ci-check` compares: the files of the CI systems.", [], {
      systems: withDefault({ ...listSchema("Systems that get a file.", choiceSchema("A system.", CI_SYSTEMS)), minItems: 1, uniqueItems: true }, [...CI_SYSTEMS]),
      module: moduleSchema,
      branch: withDefault(branchSchema, "main"),
      weekly: withDefault(cronSchema, "17 4 * * 1"),
      engine: withDefault(choiceSchema("`docker`: each job gets a Docker daemon from the system. `kept`: the machines reach an engine that outlives the jobs, by _EXPERIMENTAL_DAGGER_RUNNER_HOST or their own Docker.", ["docker", "kept"]), "docker"),
      runner: runnerSchema,
      forge: forgeSchema,
    }),
    {},
  ),
  check: ({ root }) => checkModule(root["ci"] as Partial<RawCi> | undefined),
}

/** A branch moves: what ran yesterday must run tomorrow. */
function checkModule(ci: Partial<RawCi> | undefined): readonly SectionProblem[] {
  const version = ci?.module?.split("@").at(-1)
  if (version === undefined || !/^(main|master|develop|head|latest)$/i.test(version)) return []
  return [{ path: ["ci", "module"], expected: "a tag or a commit after the @", got: `\`${version}\`, which moves`, fix: "Write a version, such as @v1.2.3." }]
}

const PUBLIC_APIS = { gitlab: "https://gitlab.com/api/v4", github: "https://api.github.com" } as const

export function completeCi(raw: RawCi): CiConfig {
  const forge = raw.forge === undefined ? null : { ...raw.forge, api: (raw.forge.api ?? PUBLIC_APIS[raw.forge.kind]).replace(/\/+$/, "") }
  return { ...raw, module: raw.module ?? null, runner: raw.runner ?? null, forge }
}
