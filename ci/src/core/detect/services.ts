import type { CheckoutReader } from "../config/config.js"
import type { SectionProblem } from "../config/section.js"
import type { RawConfig } from "../config/model.js"
import type { ConfigProblem } from "../errors.js"
import { detectService, type ServiceFacts } from "./service.js"
import { EMPTY_TREE } from "./tree.js"

export interface DetectedServices {
  readonly facts: Readonly<Record<string, ServiceFacts>>
  readonly problems: readonly ConfigProblem[]
  readonly entryProblems: readonly SectionProblem[]
}

/** Looks at the files of all services; without a checkout only what delivery.yaml says counts. */
export async function detectServices({ services, chart }: RawConfig, checkout: CheckoutReader | undefined): Promise<DetectedServices> {
  const entries = Object.entries(services)
  const dockerfiles = entries.flatMap(([, { dockerfile }]) => dockerfile ?? [])
  const tree = checkout === undefined ? EMPTY_TREE : await checkout.facts(entries.map(([, { path }]) => path), dockerfiles)
  const detected = await Promise.all(entries.map(([name, raw]) => detectService(name, raw, tree, checkout?.images ?? [])))
  return {
    facts: Object.fromEntries(entries.map(([name], index) => [name, detected[index]?.facts])) as Record<string, ServiceFacts>,
    problems: checkout === undefined ? [] : detected.flatMap(({ problems }) => problems),
    entryProblems: [
      ...detected.flatMap(({ entryProblems }) => entryProblems),
      ...entries.flatMap(([name, { port }], index) => (chart === undefined || port !== undefined || detected[index]?.facts.port !== null ? [] : [noPort(name)])),
    ],
  }
}

function noPort(name: string): SectionProblem {
  return { path: ["services", name], expected: "the key `port`, or a Dockerfile that exposes one", got: "neither", fix: "Add `port`: the chart sends requests there." }
}
