import { createHash } from "node:crypto"
import type { Container, Directory } from "@dagger.io/dagger"
import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import { liveOverlay, trackOverlay } from "../../core/canary/track-values.js"
import { makeDeployPlan, planHashText, renderPlanJson, renderPlanText } from "../../core/deploy/deploy-plan.js"
import { canonicalJson, maskObject } from "../../core/deploy/kube-object.js"
import { countActions, renderDiff } from "../../core/deploy/object-diff.js"
import { PLAN_RENDERED, PLAN_RENDERED_TRACK, planOutcomes, planSeconds, planSteps, type PhaseValues } from "../../core/deploy/plan-steps.js"
import { judgeSurroundings } from "../../core/gates/exec.js"
import { errorGate, passedGate } from "../../core/gates/gate.js"
import { judgePlanChecks } from "../../core/gates/plan-checks.js"
import type { PlannedStage } from "../../core/plan.js"
import type { GateResult } from "../../core/run.js"
import { commandLog, nextNonce, runKept, textFile, uncached } from "../exec.js"
import { draftOf } from "../canary/captured-revision.js"
import { unfinishedRollout } from "../canary/unfinished.js"
import type { RolloutDraft } from "../canary/wanted-rollout.js"
import type { HelmTools } from "../helm-release.js"
import { environmentOf, limits, type PlannedDeploy, type Run } from "../run.js"

export interface MadePlan {
  readonly gate: GateResult
  readonly evidence: Directory
  /** Null when a check did not pass. */
  readonly planned: PlannedDeploy | null
}

/** Makes all checks and the plan of one environment, and writes nothing. */
export async function makePlan(run: Run, stage: PlannedStage, tools: HelmTools, namespaceExists: boolean): Promise<MadePlan> {
  const { container, release, deployed } = tools
  const environment = environmentOf(run, stage)
  const draft = await draftOf(run, stage, tools, namespaceExists)
  // One that is in the middle of it has its own plan, and is led or taken back by that.
  if (draft !== null && draft.refusal !== null && (await unfinishedRollout(tools.target.connection, release)) === null) {
    const reason = `environment ${environment.name}: ${draft.refusal}. Nothing was written.`
    return { gate: errorGate(reason), evidence: textFile(`logs/deploy-plan-${environment.name}.log`, `${reason}\n`), planned: null }
  }
  const prepared = withPhaseValues(uncached(container, nextNonce(run.header.runId)), draft)
  const ran = await runKept(prepared, [planSteps(release, namespaceExists, phaseValues(draft))], limits(run, stage), { before: `mkdir -p ${PLAN_RENDERED} ${PLAN_RENDERED_TRACK}` })
  const outcomes = planOutcomes(ran.outcomes)
  // What is rendered or live may hold secrets: the log tells what was asked and what was said about it, not what came back.
  const told = ran.outcomes.map((outcome) => (outcome.name === "lint" ? outcome : { ...outcome, stdout: "" }))
  const log = (text: string) => textFile(`logs/deploy-plan-${environment.name}.log`, text)
  const broken = ran.outcomes.map((outcome) => judgeSurroundings(outcome, stage.timeoutSeconds)).find((gate) => gate !== null)
  if (broken !== undefined) return { gate: broken, evidence: log(commandLog(told)), planned: null }
  const checked = await judgePlanChecks(outcomes, environment.name === LOCAL_ENVIRONMENT)
  if ("gate" in checked) return { gate: checked.gate, evidence: log(commandLog(told)), planned: null }
  const { workloads, pending, content, track, ...facts } = checked.facts
  const phase = draft === null || track === null ? null : { name: draft.track, live: draft.live, services: draft.services, captured: draft.captured, ...track }
  const plan = makeDeployPlan({ environment: environment.name, namespace: release.namespace, release: release.name, commit: deployed.commit, strategy: draft?.strategy ?? environment.strategy, ...facts, track: phase })
  const hash = hexDigest(planHashText(plan))
  const evidence = log(`${commandLog(told)}\n${renderDiff(plan.objects)}\n`)
    .withNewFile(`plans/${environment.name}.hash`, hash)
    .withNewFile(`plans/${environment.name}.txt`, renderPlanText(plan, hash))
    .withNewFile(`plans/${environment.name}.json`, renderPlanJson(plan, hash))
  const judged = facts.dryRun !== null
  const by = judged ? "the API server accepts every object" : `namespace ${release.namespace} is still to be made, and then the API server to be asked`
  const repair = pending === null ? "" : `; the release is ${pending}, which deploy repairs first`
  const reason = `plan ${hash}: ${countActions(plan.objects)}; ${by}${repair} (${planSeconds(outcomes)})`
  return { gate: passedGate(reason), evidence, planned: { hash, plan, content: hexDigest(canonicalJson(content.map((object) => maskObject(object)))), workloads, judged } }
}

const PHASE_FILES = { running: "/work/plan-running.json", track: "/work/plan-track.json", live: "/work/plan-live.json" }

/** Values of the phases that a rollout has. */
function withPhaseValues(container: Container, draft: RolloutDraft | null): Container {
  if (draft === null) return container
  return container
    .withNewFile(PHASE_FILES.running, JSON.stringify(draft.runningValues))
    .withNewFile(PHASE_FILES.track, JSON.stringify(trackOverlay(draft, draft.trackServices)))
    .withNewFile(PHASE_FILES.live, JSON.stringify(liveOverlay(draft, draft.trackServices)))
}

function phaseValues(draft: RolloutDraft | null): PhaseValues | null {
  if (draft === null) return null
  return { track: [PHASE_FILES.running, PHASE_FILES.track], last: draft.strategy.kind === "blueGreen" ? [PHASE_FILES.live] : [] }
}

const hexDigest = (text: string): string => createHash("sha256").update(text).digest("hex")
