import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import type { Command } from "../../core/config/commands.js"
import type { HelmRelease } from "../../core/deploy/helm.js"
import { UsageError } from "../../core/errors.js"
import { unknownMessage } from "../../core/nearest.js"
import { nextNonce, runCommand, uncached, type ExecResult } from "../exec.js"
import { chartOf, type Run } from "../run.js"
import { kubeTools, type Target } from "../target.js"
import { checkNamespace } from "./kube-client.js"

const HELM_LIMIT_SECONDS = 600

/** Helm on the release of a named environment, without a chart: for what only reads what was deployed, or goes back to it. */
export interface EnvironmentTools {
  readonly target: Target
  readonly release: HelmRelease
  readonly call: (argv: Command) => Promise<ExecResult>
  readonly log: readonly ExecResult[]
}

export async function environmentTools(run: Run, name: string, what: string): Promise<EnvironmentTools> {
  if (name === LOCAL_ENVIRONMENT) {
    throw new UsageError(`${what}: the environment local dies with the call, so there is nothing there. For a cluster that stays: \`npm run cluster -- up\`, and an environment with its kubeconfig in delivery.yaml.`)
  }
  const { config } = run.checkout
  const environment = config.environments[name]
  if (environment === undefined) throw new UsageError(unknownMessage("environment", name, Object.keys(config.environments)))
  if (config.chart === null) throw new UsageError(`${what}: delivery.yaml has no \`chart\`, so nothing was deployed`)
  const target = await run.target(name)
  const { namespace } = environment
  const exists = await checkNamespace(target.connection, { environment: name, namespace, project: config.project, credential: environment.kubeconfig ?? "" })
  if (!exists) throw new UsageError(`${what}: namespace ${namespace} does not exist, so nothing was deployed to ${name} yet`)
  const container = kubeTools(run.checkout, target)
  const log: ExecResult[] = []
  const call = async (argv: Command): Promise<ExecResult> => {
    const result = await runCommand(uncached(container, nextNonce(run.header.runId)), argv, { runId: run.header.runId, timeoutSeconds: HELM_LIMIT_SECONDS })
    log.push(result)
    return result
  }
  return { target, release: { name: chartOf(run).release, namespace, chart: "", values: [] }, call, log }
}
