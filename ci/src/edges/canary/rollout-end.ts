import type { Directory } from "@dagger.io/dagger"
import { rolloutPicture } from "../../core/canary/picture.js"
import { rolloutNotice, toldRollout } from "../../core/canary/rollout-notice.js"
import type { HelmRelease } from "../../core/deploy/helm.js"
import { textFile } from "../exec.js"
import type { KubeConnection } from "../kube-request.js"
import { tell, toldText } from "../notify.js"
import type { Run } from "../run.js"
import { rememberRollout } from "./rollout-record.js"
import type { LedRollout } from "./run-controller.js"

export interface RolloutPlace {
  readonly environment: string
  readonly connection: KubeConnection
  readonly release: HelmRelease
}

/** What a controller has left: kept in the run's folder with its picture, written into the environment's history, told where it was taken back. */
export async function keepRollout(run: Run, log: string, { outcome, said, picture }: LedRollout, { environment, connection, release }: RolloutPlace): Promise<Directory> {
  if (outcome === null || "reason" in outcome) return textFile(log, said)
  await rememberRollout(connection, release, outcome)
  const kept = textFile(`canary/${environment}.json`, JSON.stringify(outcome, null, 2))
  const withPicture = picture === null || outcome.kind === "at-weight" ? kept : kept.withNewFile(`canary/${environment}.svg`, picture)
  // Success is told by `notify`.
  const notice = rolloutNotice(outcome.state)
  if (notice === null) return withPicture.withNewFile(log, said)
  const told = await tell(run, { project: run.checkout.config.project, environment, stage: null, cause: null, commit: outcome.facts.commit, runId: run.header.runId, ...notice, picture: rolloutPicture(outcome.plan, toldRollout(outcome.state)) })
  return withPicture.withNewFile(log, told.length === 0 ? said : `${said}\n${toldText(told)}\n`)
}
