import type { Directory, Secret } from "@dagger.io/dagger"
import { credentialNames } from "../core/config/credentials.js"
import { UsageError } from "../core/errors.js"
import { NO_FLAGS, readLoadRequest, type PerfFlags } from "../core/perf/load-request.js"
import type { RunHeader } from "../core/run.js"
import { chooseSigner } from "../core/signing/signer.js"
import type { Checkout } from "./checkout.js"
import { startLocalCluster } from "./local-cluster.js"
import { once, type Run } from "./run.js"
import { startStagingRegistry } from "./staging-registry.js"
import { remoteTarget, type Target } from "./target.js"

/** What a call may ask for besides its stages. */
export interface CallOptions {
  readonly environments?: readonly string[]
  readonly perf?: PerfFlags
  /** The clusters of the environments must be reachable; an address is enough to load one. */
  readonly clusters?: boolean
  /** A repository's .git folder, to be searched for secrets. */
  readonly history?: Directory | undefined
  readonly deploy?: Run["deployOptions"]
  /** Instead of the environment's own. */
  readonly strategy?: "canary" | "blueGreen"
  /** Whether the sources must be there; a release is enough to deploy. */
  readonly sources?: boolean
  /** Keep what `build` makes in the run's folder. */
  readonly keepArtifacts?: boolean
  /** Push to the registry of delivery.yaml although no environment is named. */
  readonly toRegistry?: boolean
  /** `sign` is among the stages: for what is pushed its credentials must be there. */
  readonly signs?: boolean
  /** A release that an earlier call pushed, by commit or digest. Default: that of the checkout's commit. */
  readonly release?: string
  /** Only what changed since this commit. */
  readonly since?: string
  /** Environments of a pipeline that ends with their plan. */
  readonly plannedOnly?: readonly string[]
}

/** The constructor's arguments that a run is made of. */
export interface CallFacts {
  readonly credentials: readonly Secret[]
  readonly credentialNames: readonly string[]
  readonly runId: string
  readonly commit: string
  readonly dirty: boolean
  readonly images: string
  readonly version: string
  readonly commitTime: string
  readonly platform: Directory
}

/** Puts together what the stages of one call share; what is missing is an error before the first of them. */
export async function createRun(facts: CallFacts, checkout: Checkout, changes: Run["changes"], options: CallOptions): Promise<Run> {
  const environments = options.environments ?? []
  const credentials = await namedCredentials(facts.credentials, facts.credentialNames)
  const pushesToRegistry = options.toRegistry ?? environments.some((name) => name !== "local")
  const choice = chooseSigner(checkout.config.signing, (name) => credentials.has(name), pushesToRegistry)
  const unsigned = options.signs === true && choice.signer === null ? choice.missing : []
  const missing = [...credentialNames(checkout.config, environments).filter((name) => options.clusters !== false && !credentials.has(name) && name.startsWith("KUBECONFIG")), ...unsigned]
  if (missing.length > 0) {
    const same = credentials.size < facts.credentials.length ? "Two of those that it brought have the same value" : facts.credentialNames.length < facts.credentials.length ? "One that it brought may have the value of another name, in this call or in one beside it on this engine" : null
    const merged = same === null ? "" : ` ${same}, of which Dagger keeps one name: add --credential-names NAME for each, in the same order.`
    throw new UsageError(`delivery.yaml names credentials that this call did not bring: ${missing.join(", ")}. Set them in the environment; without daggerw add --credentials env:NAME for each.${merged}`)
  }
  const run: Run = {
    header: runHeader(facts, environments),
    checkout,
    changes,
    credentials,
    imageProfile: facts.images,
    history: options.history ?? null,
    loadRequest: readLoadRequest(options.perf ?? NO_FLAGS),
    deployOptions: options.deploy ?? { plan: "", approvedBy: "" },
    plans: new Map(),
    proven: new Map(),
    plannedOnly: options.plannedOnly ?? [],
    rolledOut: new Set(),
    upToDate: new Set(),
    packaged: new Map(),
    described: new Map(),
    results: new Map(),
    tested: new Map(),
    keepsArtifacts: options.keepArtifacts ?? false,
    pushesToRegistry,
    release: null,
    releaseRef: null,
    releaseWanted: options.release === undefined || options.release === "" ? null : options.release,
    signed: null,
    version: facts.version,
    commitTime: facts.commitTime,
    platform: facts.platform,
    stagingRegistry: once(() => startStagingRegistry(checkout)),
    target: (environment) => targetOf(environment),
  }
  const targets = new Map<string, () => Promise<Target>>()
  const targetOf = (name: string): Promise<Target> => {
    const make = targets.get(name) ?? once(() => makeTarget(run, name))
    targets.set(name, make)
    return make()
  }
  return run
}

/** What is known of a run before anything has been read. */
export function runHeader(facts: CallFacts, environments: readonly string[]): RunHeader {
  const startedAt = new Date().toISOString()
  return {
    runId: facts.runId === "" ? `run-${startedAt.replace(/[^0-9]/g, "")}` : facts.runId,
    attempt: 1,
    commit: facts.commit,
    dirty: facts.dirty,
    release: null,
    environment: environments.length === 0 ? null : environments.join(","),
    startedAt,
  }
}

async function makeTarget(run: Run, name: string): Promise<Target> {
  const environment = run.checkout.config.environments[name]
  if (name === "local") return startLocalCluster(run)
  if (environment === undefined) throw new UsageError(`unknown environment ${name}; known: ${Object.keys(run.checkout.config.environments).join(", ")}`)
  return remoteTarget(environment, run.credentials)
}

/** Secrets by the name of the variable that they come from: `env://KUBECONFIG_STAGING` is KUBECONFIG_STAGING. Of two with the same value Dagger knows one such address alone, so the names that came beside them go first. */
async function namedCredentials(secrets: readonly Secret[], names: readonly string[]): Promise<ReadonlyMap<string, Secret>> {
  if (names.length > secrets.length) throw new UsageError(`--credential-names: expected one for each of the ${secrets.length} credentials at most, got ${names.length}`)
  const named = await Promise.all(secrets.map(async (secret, index): Promise<[string, Secret]> => [names[index] ?? (await secret.uri()).replace(/^[a-z+]+:(\/\/)?/, ""), secret]))
  return new Map(named)
}
