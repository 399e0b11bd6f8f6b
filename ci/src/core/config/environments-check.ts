import type { SectionInput, SectionProblem } from "./section.js"
import { checkStrategy } from "./strategy-check.js"
import type { RawStrategy } from "./strategy.js"

/** The environment whose cluster lives and dies inside one call. */
export const LOCAL_ENVIRONMENT = "local"

/** What the checks look at; a key that broke the schema is missing. */
interface CheckedEnvironment {
  /** Undefined but there when what was written broke the schema. */
  readonly kubeconfig?: string | undefined
  readonly namespace?: string
  readonly approval?: string
  readonly strategy?: RawStrategy
}

/** What no schema can say about environments. */
export function checkEnvironments(input: SectionInput): readonly SectionProblem[] {
  const entries = Object.entries((input.root["environments"] ?? {}) as Readonly<Record<string, CheckedEnvironment>>)
  return [
    ...entries.flatMap(([name, environment]) => checkCluster(name, environment)),
    ...entries.flatMap(([name, environment]) => checkStrategy(name, environment.strategy)),
    ...entries.flatMap(([name, environment]) => checkRoutes(name, environment, input)),
    ...sameTarget(entries),
  ]
}

function checkCluster(name: string, environment: CheckedEnvironment): SectionProblem[] {
  const path = ["environments", name]
  if (name !== LOCAL_ENVIRONMENT) {
    if ("kubeconfig" in environment) return []
    const fix = `Add \`kubeconfig: KUBECONFIG_${name.toUpperCase().replaceAll("-", "_")}\`.`
    return [{ path, expected: "the key `kubeconfig`", got: "nothing", fix }]
  }
  const misplaced = (key: "kubeconfig" | "approval", written: string): SectionProblem => ({
    path: [...path, key],
    expected: `no \`${key}\`, for the cluster of \`local\` lives inside the call`,
    got: `\`${written}\``,
    fix: "Remove it, or give the environment another name.",
  })
  return [
    ...(environment.kubeconfig === undefined ? [] : [misplaced("kubeconfig", environment.kubeconfig)]),
    ...(environment.approval === "required" ? [misplaced("approval", environment.approval)] : []),
  ]
}

/** Traffic can only be moved where the gateway sends some. */
function checkRoutes(name: string, { strategy }: CheckedEnvironment, input: SectionInput): SectionProblem[] {
  if (strategy === undefined || strategy === "rolling") return []
  const services = (input.root["services"] ?? {}) as Readonly<Record<string, { readonly routes?: readonly string[] }>>
  // Broken routes are routes all the same.
  if (Object.values(services).some(({ routes }) => routes === undefined || routes.length > 0)) return []
  const kind = Object.keys(strategy)[0] ?? ""
  const path = ["environments", name, "strategy"]
  const fix = "Give a service `routes`, or use `rolling`."
  return [{ path, expected: "at least one service with `routes`", got: `\`${kind}\` with none`, fix }]
}

function sameTarget(entries: readonly (readonly [string, CheckedEnvironment])[]): SectionProblem[] {
  const owners = new Map<string, string>()
  return entries.flatMap(([name, { kubeconfig, namespace }]) => {
    if (kubeconfig === undefined || namespace === undefined) return []
    const target = `${kubeconfig} ${namespace}`
    const owner = owners.get(target)
    if (owner === undefined) owners.set(target, name)
    if (owner === undefined) return []
    const got = `the namespace and kubeconfig of \`${owner}\``
    const fix = "The two would overwrite each other: change one of them."
    return [{ path: ["environments", name, "namespace"], expected: "a place of its own", got, fix }]
  })
}
