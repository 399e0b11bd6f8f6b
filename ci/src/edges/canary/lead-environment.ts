import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import { judgeRollout } from "../../core/gates/rollout.js"
import { errorGate } from "../../core/gates/gate.js"
import { lastLines } from "../../core/gates/exec.js"
import type { PlannedStage } from "../../core/plan.js"
import type { HelmTools } from "../helm-release.js"
import { environmentOf, type PlannedDeploy, type Run, type StageOutput } from "../run.js"
import { keepRollout } from "./rollout-end.js"
import { runController } from "./run-controller.js"
import { wantedRollout, type RolloutDraft } from "./wanted-rollout.js"

export interface LeadWish {
  readonly draft: RolloutDraft
  readonly current: PlannedDeploy
  readonly approvedBy: string | null
  /** Puts the track beside what runs, and moves no traffic yet. */
  readonly untilWeight: boolean
}

/** Has the canary's program lead the rollout; what it says becomes the stage's verdict, its picture the stage's evidence. */
export async function leadEnvironment(run: Run, planned: PlannedStage, tools: HelmTools, wish: LeadWish): Promise<StageOutput> {
  const { draft, current, approvedBy, untilWeight } = wish
  const { strategy } = draft
  const environment = environmentOf(run, planned)
  const { target, release, container } = tools
  const { facts, plan, trackServices } = wantedRollout(run, environment.name, tools, draft, current, approvedBy)
  const everybody = environment.name === LOCAL_ENVIRONMENT || strategy.traffic?.always === true
  const led = await runController(run, planned, target, container, {
    release,
    begin: { facts, plan, trackServices, untilWeight },
    services: Object.values(run.checkout.config.services),
    latencyMs: strategy.slo.latencyMs,
    ...(strategy.requestMetric === undefined ? {} : { requestMetric: strategy.requestMetric }),
    queries: strategy.kind === "canary" ? strategy.queries : {},
    traffic: strategy.traffic === undefined ? null : { script: strategy.traffic.script, requestsPerSecond: strategy.traffic.requestsPerSecond, everybody },
  })
  const evidence = await keepRollout(run, `logs/${planned.stage}-${environment.name}.log`, led, { environment: environment.name, connection: target.connection, release })
  if (led.outcome === null) return { gate: errorGate(`the canary's program could not go on: ${lastLines(led.said, 1)}. The rollout stays where it is, and within a minute the cluster takes its traffic away by itself. The same call takes it up again; canary-abort ends it.`), evidence }
  // One that was taken up behind its traffic ends here: nothing is left to be moved, and another rollout of the same release would be a new one.
  if (untilWeight && led.outcome.kind === "ended" && led.outcome.state.phase === "promoted") run.upToDate.add(environment.name)
  return { gate: judgeRollout(led.outcome, everybody), evidence }
}
