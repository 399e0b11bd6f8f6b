import { LOCAL_ENVIRONMENT } from "../config/environments-check.js"
import type { EnvironmentConfig } from "../config/environments.js"
import type { Config } from "../config/model.js"
import { UsageError } from "../errors.js"
import type { LoadRequest } from "./load-request.js"

/** Where users are: by its name, or because somebody must approve what goes there. */
export const isProduction = ({ name, approval }: EnvironmentConfig): boolean => approval === "required" || /^prod(uction)?$/.test(name)

/** Refuses a call that would send load where nobody meant it to go; nothing has been sent by then. */
export function refuseTarget(config: Config, name: string, request: LoadRequest): void {
  const problems = targetProblems(config, name, request)
  if (problems.length > 0) throw new UsageError([...problems, "No request was sent."].join("\n"))
}

function targetProblems(config: Config, name: string, request: LoadRequest): readonly string[] {
  const environment = config.environments[name]
  if (environment === undefined) return [] // the plan says which there are
  const { baseUrl, confirmed, distributed } = request
  const problems: string[] = []
  if (!environment.allowPerf) problems.push(`environment ${name}: expected \`allowPerf: true\` in delivery.yaml before load is put on it, got ${name === LOCAL_ENVIRONMENT ? "false" : "none"}.`)
  if (isProduction(environment) && confirmed !== name) problems.push(`environment ${name}: expected \`--confirm ${name}\`, for users are there, got ${confirmed === null ? "none" : `--confirm ${confirmed}`}.`)
  if (name === LOCAL_ENVIRONMENT && baseUrl !== null) problems.push("--base-url: expected none for `local`, whose target this call makes; name the environment whose budget shall hold, such as --environment staging.")
  if (name === LOCAL_ENVIRONMENT && distributed > 0) problems.push("--distributed: expected an environment whose cluster outlives the call, got `local`. `npm run cluster -- up` starts one.")
  if (name !== LOCAL_ENVIRONMENT && baseUrl === null && environment.baseUrl === null) problems.push(`environment ${name}: expected \`baseUrl\` in delivery.yaml or --base-url, got neither; a load test needs a target that was meant.`)
  const owner = baseUrl === null ? undefined : Object.values(config.environments).find((other) => other.name !== name && other.baseUrl !== null && hostOfUrl(other.baseUrl) === hostOfUrl(baseUrl))
  if (owner !== undefined && (isProduction(owner) || !owner.allowPerf)) problems.push(`--base-url: ${baseUrl} is the address of environment ${owner.name}, not of ${name}. Name that one, so that its own rules hold: --environment ${owner.name}.`)
  return problems
}

const hostOfUrl = (url: string): string => (/^https?:\/\/([^/?#:]*)/.exec(url.toLowerCase())?.[1] ?? "").replace(/\.$/, "")

/** A pipeline never names an environment once more, so it leaves production alone. */
export function unconfirmed(environment: EnvironmentConfig, request: LoadRequest): string | null {
  if (!isProduction(environment) || request.confirmed === environment.name) return null
  return `users are there: \`perf --environment ${environment.name} --confirm ${environment.name}\` is a call of its own`
}
