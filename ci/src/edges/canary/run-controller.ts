import { dag, type Container } from "@dagger.io/dagger"
import type { RolloutOutcome } from "../../core/canary/rollout-outcome.js"
import type { ControllerSettings } from "../../core/canary/controller-settings.js"
import { lastLines } from "../../core/gates/exec.js"
import { UsageError } from "../../core/errors.js"
import type { PlannedStage } from "../../core/plan.js"
import { canaryPrograms } from "../canary-program.js"
import { stateName } from "../deploy/delivery-state.js"
import { nextNonce, runCommand, uncached } from "../exec.js"
import { containerOf } from "../image-container.js"
import { limits, type Run } from "../run.js"
import type { Target } from "../target.js"

const PROGRAM_OUT = "/out"
const PROGRAM_SETTINGS = "/delivery/rollout.json"
const PROGRAM_TRAFFIC = "/traffic"
const PROGRAM_WORK = "/work"

export interface LedRollout {
  /** Null when the controller could not come to an end. */
  readonly outcome: RolloutOutcome | null
  readonly said: string
  readonly picture: string | null
}

type Asked = Omit<ControllerSettings, "workdir" | "out" | "gatewayUrl" | "prometheusUrl" | "lease" | "runId" | "timeoutSeconds">

/** Runs the canary's program to its end, with Helm and k6 beside it. `work`: chart and values, as Helm's container has them. */
export async function runController(run: Run, planned: PlannedStage, target: Target, work: Container | null, asked: Asked): Promise<LedRollout> {
  const { checkout, header } = run
  const { traffic } = asked
  if (target.prometheusUrl === null) throw new UsageError(`environment ${planned.environment}: expected \`prometheus\` with the address of the Prometheus that scrapes its gateway (delivery.yaml, environments.${planned.environment}.prometheus), got none: a canary is judged by its counters. Nothing was written.`)
  if (traffic !== null && !(await checkout.source.exists(traffic.script))) throw new UsageError(`environment ${planned.environment}: expected ${traffic.script} in the tree of this call, for it makes the strategy's own requests (delivery.yaml, environments.${planned.environment}.strategy), got no such file. Nothing was written. Call with a checkout that has it, or take \`traffic\` out of the strategy.`)
  const settings: ControllerSettings = {
    ...asked,
    traffic: traffic === null ? null : { ...traffic, script: `${PROGRAM_TRAFFIC}/${traffic.script}` },
    runId: header.runId,
    workdir: PROGRAM_WORK,
    out: PROGRAM_OUT,
    gatewayUrl: target.gatewayUrl,
    prometheusUrl: target.prometheusUrl,
    timeoutSeconds: planned.timeoutSeconds,
    lease: { name: stateName(asked.release.name), holder: header.runId },
  }
  let container = target
    .connect(containerOf(checkout.image("node")))
    .withoutEntrypoint()
    .withUser("0")
    .withFile("/usr/local/bin/helm", dag.container().from(checkout.image("helm")).file("/usr/bin/helm"), { permissions: 0o755 })
    .withDirectory("/delivery/program", await canaryPrograms(run))
    .withMountedSecret("/kube/config", target.kubeconfig)
    .withEnvVariable("KUBECONFIG", "/kube/config")
    .withDirectory(PROGRAM_WORK, work === null ? dag.directory() : work.directory(PROGRAM_WORK))
    .withNewFile(PROGRAM_SETTINGS, JSON.stringify(settings))
    .withWorkdir(PROGRAM_WORK)
  if (traffic !== null) {
    container = container
      .withFile("/usr/local/bin/k6", dag.container().from(checkout.image("k6")).file("/usr/bin/k6"), { permissions: 0o755 })
      .withFile(`${PROGRAM_TRAFFIC}/${traffic.script}`, checkout.source.file(traffic.script))
  }
  const ran = await runCommand(uncached(container, nextNonce(header.runId)), ["node", "--no-deprecation", "/delivery/program/controller.mjs", PROGRAM_SETTINGS], limits(run, planned))
  const left = async (name: string): Promise<string | null> => ((await ran.container.exists(`${PROGRAM_OUT}/${name}`)) ? ran.container.file(`${PROGRAM_OUT}/${name}`).contents() : null)
  const [outcome, picture, helm] = await Promise.all([left("outcome.json"), left("rollout.svg"), left("helm.log")])
  const said = `${ran.stdout}${ran.stderr}[exit code ${ran.exitCode}]\n${helm ?? ""}`
  if (ran.exitCode !== 0 || outcome === null) return { outcome: null, said: `${said}\n${lastLines(ran.stderr || ran.stdout, 3)}`, picture }
  return { outcome: JSON.parse(outcome) as RolloutOutcome, said, picture }
}
