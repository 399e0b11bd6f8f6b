import type { PlannedStage } from "../../core/plan.js"
import { resumedPlan, unfinishedRollout } from "../canary/unfinished.js"
import type { HelmTools } from "../helm-release.js"
import { StageStop, type PlannedDeploy, type Run } from "../run.js"
import { helmRevisions } from "./helm-storage.js"
import { makePlan } from "./make-plan.js"

/** What an environment would be brought to, as its cluster is at this moment. */
export interface StandingPlan {
  /** As it was made, for the next look. */
  readonly made: PlannedDeploy
  /** With the hash under which a rollout in the middle of it was begun, where it is the same release. */
  readonly current: PlannedDeploy
  /** A rollout is in the middle of something here. */
  readonly unfinished: boolean
}

/** Looks at the cluster again; `known` still holds where nobody has deployed since. */
export async function standingPlan(run: Run, stage: PlannedStage, tools: HelmTools, namespaceExists: boolean, known: PlannedDeploy | null): Promise<StandingPlan> {
  const { connection } = tools.target
  const made = known !== null && (await stillHolds(tools, known, namespaceExists)) ? known : await planNow(run, stage, tools, namespaceExists)
  const unfinished = namespaceExists ? await unfinishedRollout(connection, tools.release) : null
  const resumed = resumedPlan(unfinished, { commit: tools.deployed.commit, content: made.content })
  return { made, current: resumed === null ? made : { ...made, hash: resumed }, unfinished: unfinished !== null }
}

/** Where nobody could judge the objects yet, the plan is made again as soon as somebody can. */
async function stillHolds(tools: HelmTools, { judged, plan }: PlannedDeploy, namespaceExists: boolean): Promise<boolean> {
  if (!namespaceExists) return true
  const { release, target } = tools
  return judged && ((await helmRevisions({ connection: target.connection, release })).at(-1)?.revision ?? null) === plan.revision
}

async function planNow(run: Run, stage: PlannedStage, tools: HelmTools, namespaceExists: boolean): Promise<PlannedDeploy> {
  const made = await makePlan(run, stage, tools, namespaceExists)
  if (made.planned !== null) return made.planned
  throw new StageStop(made.gate, await made.evidence.file(`logs/deploy-plan-${stage.environment}.log`).contents())
}
