import type { EnvironmentConfig } from "../config/environments.js"
import { LOCAL_ENVIRONMENT } from "../config/environments-check.js"
import type { Config } from "../config/model.js"
import { UsageError } from "../errors.js"
import { namesOfCredentials } from "./credential-names.js"

/** One call of the module, with what its job needs. */
export interface CiCall {
  /** Function and arguments, as they stand after `daggerw call`. */
  readonly call: string
  /** Names of the secrets that it gets. */
  readonly credentials: readonly string[]
}

/** The call behind the system's own gate. */
export interface GatedCall extends CiCall {
  readonly environment: string
  readonly url: string | null
}

/** What a CI system runs, and when; every system's file says the same. */
export interface CiPlan {
  readonly branch: string
  /** Five fields of cron, UTC. */
  readonly cron: string | null
  /** Name of the variable that holds an identity token for Sigstore, where releases are signed so. */
  readonly identityToken: string | null
  readonly runner: string | null
  /** The machines reach an engine of their own, so none is started beside the job. */
  readonly engineIsKept: boolean
  /** For every change: without secrets, for a fork's change runs it too. */
  readonly check: CiCall
  /** For every commit of the branch. */
  readonly deliver: CiCall
  /** After `deliver`, once a person has said yes. */
  readonly gated: GatedCall | null
  /** Every week, by name; none where no day is set. */
  readonly weekly: Readonly<Record<string, CiCall>>
  /** When somebody asks for it, by name. */
  readonly onRequest: Readonly<Record<string, CiCall>>
}

/** Stands for whoever opened the gate: each system has a variable of its own for that. */
const APPROVED_BY = "<approved by>"

/** The calls for a product, from its environments. */
export function planCi(config: Config, data: unknown): CiPlan {
  const environments = config.chart === null ? [] : Object.values(config.environments).filter(({ name }) => name !== LOCAL_ENVIRONMENT)
  const gated = environments.find(({ approval }) => approval === "required")
  refuseAfterGate(environments, gated)
  const withSecrets = (call: string, chosen: readonly EnvironmentConfig[]): CiCall => ({ call, credentials: namesOfCredentials(data, chosen.map(({ name }) => name)) })
  const check: CiCall = { call: `pipeline --environments ${LOCAL_ENVIRONMENT}`, credentials: [] }
  const last = environments.at(-1)
  const loaded = environments.find(({ allowPerf }) => allowPerf)
  return {
    branch: config.ci.branch,
    cron: config.ci.weekly,
    identityToken: identityTokenOf(data),
    runner: config.ci.runner,
    engineIsKept: config.ci.engine === "kept",
    check,
    deliver: environments.length === 0 ? check : withSecrets(deliverCall(environments, gated), environments),
    gated: gated === undefined ? null : { ...withSecrets(gatedCall(gated.name), [gated]), environment: gated.name, url: gated.baseUrl },
    weekly: config.ci.weekly === null ? {} : { scan: { call: "scan", credentials: [] }, ...(last === undefined ? {} : { drift: withSecrets(`drift --environment ${last.name}`, [last]) }) },
    onRequest: {
      ...(loaded === undefined || config.perf === null ? {} : { perf: withSecrets(`perf --environment ${loaded.name}`, [loaded]) }),
      ...(last === undefined ? {} : { rollback: withSecrets(`rollback --environment ${last.name}`, [last]) }),
    },
  }
}

function deliverCall(environments: readonly EnvironmentConfig[], gated: EnvironmentConfig | undefined): string {
  const all = `pipeline --environments ${environments.map(({ name }) => name).join(",")}`
  return gated === undefined ? all : `${all} --until ${gated.name}-plan`
}

// The only report of another job that lies in a fresh workspace is the plan's run. None, or two, is no hash, and is refused.
function gatedCall(name: string): string {
  return `deploy --environment ${name} --plan "$(cat .delivery/runs/*/plans/${name}.hash)" --approved-by ${APPROVED_BY}`
}

function refuseAfterGate(environments: readonly EnvironmentConfig[], gated: EnvironmentConfig | undefined): void {
  const after = gated === undefined ? [] : environments.slice(environments.indexOf(gated) + 1)
  if (gated === undefined || after.length === 0) return
  const names = after.map(({ name }) => `\`${name}\``).join(", ")
  throw new UsageError(
    `delivery.yaml: environments: expected \`${gated.name}\`, which needs an approval, to be the last one, got ${names} after it. A release reaches those by calls of their own: move them before \`${gated.name}\`, or keep the files of the CI systems by hand.`,
  )
}

const identityTokenOf = (data: unknown): string | null =>
  (data as { readonly signing?: { readonly keyless?: { readonly token?: string } } } | null)?.signing?.keyless?.token ?? null

/** What several calls need that are made by one job. */
export function credentialsOf(calls: Readonly<Record<string, CiCall>>): readonly string[] {
  return [...new Set(Object.values(calls).flatMap(({ credentials }) => credentials))]
}

/** The same call, with what a system says about whoever opened the gate. */
export function approvedBy(call: string, identity: string): string {
  return call.replace(APPROVED_BY, () => identity)
}
