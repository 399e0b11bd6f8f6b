import { completeCommands } from "../config/commands.js"
import type { RawService } from "../config/services.js"
import { completeTests } from "../config/tests.js"
import type { SectionProblem } from "../config/section.js"
import { exposedPort } from "../dockerfile.js"
import type { ConfigProblem } from "../errors.js"
import type { LanguageImage } from "../pins.js"
import { PLAIN_TOOLCHAIN } from "../toolchains/plain.js"
import { TOOLCHAINS } from "../toolchains/registry.js"
import type { Toolchain, ToolchainRecipe } from "../toolchains/toolchain.js"
import { hasFile, joinPath, textOf, type TreeFacts } from "./tree.js"

/** What the tree tells of a service that delivery.yaml does not. */
export interface ServiceFacts {
  readonly toolchain: string
  readonly recipe: ToolchainRecipe
  /** Null when there is none at its usual place. */
  readonly dockerfile: string | null
  readonly port: number | null
}

export interface DetectedService {
  readonly facts: ServiceFacts
  /** What is wrong with files of the service. */
  readonly problems: readonly ConfigProblem[]
  /** What is wrong with its entry in delivery.yaml. */
  readonly entryProblems: readonly SectionProblem[]
}

/** Names of files that are read in each service's folder and in those above it. */
export const FACT_FILES: readonly string[] = [...new Set([...TOOLCHAINS.flatMap(({ factFiles }) => factFiles), "Dockerfile"])]

/** Looks at the files of one service. */
export async function detectService(name: string, raw: RawService, tree: TreeFacts, images: readonly LanguageImage[]): Promise<DetectedService> {
  const found = toolchainOf(raw, tree)
  const toolchain = found ?? PLAIN_TOOLCHAIN
  const { recipe, problems } = await toolchain.recipe({ ...raw, name, tests: completeTests(raw.tests) }, tree, images)
  const dockerfile = raw.dockerfile ?? (hasFile(tree, raw.path, "Dockerfile") ? joinPath(raw.path, "Dockerfile") : null)
  const facts = {
    toolchain: toolchain.name,
    recipe: { ...recipe, ...completeCommands(raw.commands), imageKey: raw.buildImage ?? recipe.imageKey, artifacts: raw.artifacts ?? recipe.artifacts },
    dockerfile,
    port: dockerfile === null ? null : exposedPort(textOf(tree, "", dockerfile) ?? ""),
  }
  return { facts, problems, entryProblems: found === null ? [unknownToolchain(name, raw)] : [] }
}

/** The one that is named, or the first that knows the folder; commands without any are `plain`. */
function toolchainOf(raw: RawService, tree: TreeFacts): Toolchain | null {
  if (raw.toolchain !== undefined) return TOOLCHAINS.find(({ name }) => name === raw.toolchain) ?? null
  const known = TOOLCHAINS.find((toolchain) => toolchain.detect(tree, raw.path))
  return known ?? (Object.keys(raw.commands).length > 0 ? PLAIN_TOOLCHAIN : null)
}

function unknownToolchain(name: string, { path }: RawService): SectionProblem {
  const known = TOOLCHAINS.map((toolchain) => toolchain.name).join(", ")
  const fix = `Set \`toolchain\` (${known}); \`plain\` takes \`commands\` and \`buildImage\` of your own.`
  return { path: ["services", name], expected: `files of a known toolchain in \`${path}\``, got: "none", fix }
}
