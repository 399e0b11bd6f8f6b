import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import type { RolloutOutcome } from "../../core/canary/rollout-outcome.js"
import { judgeRollout } from "../../core/gates/rollout.js"
import { errorGate } from "../../core/gates/gate.js"
import { lastLines } from "../../core/gates/exec.js"
import type { PlannedStage } from "../../core/plan.js"
import { tell } from "../notify.js"
import { textFile } from "../exec.js"
import type { HelmTools } from "../helm-release.js"
import { environmentOf, type PlannedDeploy, type Run, type StageOutput } from "../run.js"
import { rememberRollout } from "./rollout-record.js"
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
  const name = `${planned.stage}-${environment.name}`
  let evidence = textFile(`logs/${name}.log`, led.said)
  if (led.outcome === null) return { gate: errorGate(`the canary's program could not go on: ${lastLines(led.said, 1)}. The rollout stays where it is, and within a minute the cluster takes its traffic away by itself. The same call takes it up again; canary-abort ends it.`), evidence }
  if (led.picture !== null && !untilWeight) evidence = evidence.withNewFile(`canary/${environment.name}.svg`, led.picture)
  if (led.outcome.kind === "ended" || led.outcome.kind === "at-weight") {
    evidence = evidence.withNewFile(`canary/${environment.name}.json`, JSON.stringify(led.outcome, null, 2))
    await rememberRollout(target.connection, release, led.outcome)
    await tellEnd(run, environment.name, led.outcome, led.picture)
  }
  return { gate: judgeRollout(led.outcome, everybody), evidence }
}

/** Of a release that was taken back; success is told by `notify`. */
async function tellEnd(run: Run, environment: string, outcome: Extract<RolloutOutcome, { readonly kind: "ended" | "at-weight" }>, picture: string | null): Promise<void> {
  const { phase, decisions, ending } = outcome.state
  if (phase !== "aborted" && phase !== "stranded") return
  // The judge's words are our own; what else ended it may hold what a tool has said.
  const judged = decisions.some(({ what, by }) => what === "abort" && by === "judge")
  await tell(run, {
    project: run.checkout.config.project,
    environment,
    stage: null,
    cause: null,
    commit: outcome.facts.commit,
    runId: run.header.runId,
    event: phase === "aborted" ? "rolled-back" : "critical",
    ...(judged && ending !== null ? { judgement: ending.reason } : {}),
    ...(picture === null ? {} : { picture }),
  })
}
