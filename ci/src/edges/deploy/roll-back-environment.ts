import { chooseRollback, type DeploymentRecord } from "../../core/deploy/history.js"
import { renderHistory } from "../../core/deploy/history-table.js"
import { errorGate, passedGate } from "../../core/gates/gate.js"
import type { GateResult } from "../../core/run.js"
import { commandLog, textFile } from "../exec.js"
import { tell } from "../notify.js"
import { findRelease } from "../release-store.js"
import type { RowOutput, Run } from "../run.js"
import { verifyOther } from "../verified-release.js"
import { refuseUnfinished } from "../canary/unfinished.js"
import { readDeliveryState, stateName } from "./delivery-state.js"
import type { DeployTools } from "./deploy-tools.js"
import { digestOfRevision, helmRevisions } from "./helm-storage.js"
import { environmentTools, type EnvironmentTools } from "./environment-tools.js"
import { takeLease } from "./lease-holder.js"
import { repairPending } from "./repair.js"
import { rollBack } from "./way-back.js"

const WAIT_FOR_OTHERS_SECONDS = 120
const WATCH_SECONDS = 900

/** Goes back to the asked revision, or to the latest earlier one that was proven healthy and differs; proves it, records it. */
export async function rollBackEnvironment(run: Run, environment: string, asked: number | null): Promise<RowOutput> {
  const tools = await environmentTools(run, environment, "rollback")
  const { target, release, call, log } = tools
  const say = (line: string): void => console.log(`rollback (${environment}): ${line}`)
  const lease = await takeLease(target.connection, { namespace: release.namespace, name: stateName(release.name), holder: run.header.runId, waitSeconds: WAIT_FOR_OTHERS_SECONDS, say })
  try {
    await refuseUnfinished(target.connection, release, environment)
    const deployTools: DeployTools = { connection: target.connection, release, services: Object.values(run.checkout.config.services), gatewayUrl: target.ownGatewayUrl, errors: null, call, say, lease, timeoutSeconds: WATCH_SECONDS }
    const repaired = await repairPending(deployTools)
    const history = await historyOf(tools, environment)
    const choice = chooseRollback(history.records, history.revisions, asked)
    const output = (gate: GateResult): RowOutput => ({ gate, preface: `${history.text}\n\n`, evidence: textFile(`logs/rollback-${environment}.log`, `${history.text}\n${commandLog(log)}`) })
    if ("refusal" in choice) return output(errorGate(`${choice.refusal}; nothing was written`))
    const foreign = (await foreignObjects(deployTools, choice.record)) ?? (await foreignImages(run, choice.record))
    if (foreign !== null) return output(errorGate(`${foreign}; nothing was written`))
    const { project } = run.checkout.config
    const notice = { project, environment, stage: `rollback (${environment})`, cause: null, commit: choice.record.commit, runId: run.header.runId }
    const back = await rollBack(deployTools, choice.record.revision ?? 0, run.header.runId)
    await tell(run, { ...notice, event: back.proven ? "rolled-back" : "critical" })
    const before = repaired === null ? "" : `${repaired}; `
    const next = `the environment is left as it is. Choose another revision of the history: ./daggerw call rollback --environment ${environment} --revision N`
    return output(back.proven ? passedGate(`${before}${back.text}`) : errorGate(`${before}the rollback did not end in a proven revision: ${back.text}; ${next}`))
  } finally {
    await lease.release()
  }
}

/** What is recorded and what Helm has, as text and as data. */
export async function historyOf(tools: Pick<EnvironmentTools, "target" | "release">, environment: string) {
  const { target, release } = tools
  const [revisions, { records }] = await Promise.all([helmRevisions({ connection: target.connection, release }), readDeliveryState(target.connection, release.namespace, release.name)])
  return { revisions, records, text: renderHistory(environment, records, revisions) }
}

/** Why Helm's copy of a revision may not be written again: it is not what was recorded when it was deployed; null when it may. */
async function foreignObjects(tools: DeployTools, { revision, objects }: DeploymentRecord): Promise<string | null> {
  if (objects === null) return `nothing is recorded of what revision ${revision} wrote`
  if ((await digestOfRevision(tools, revision)) === objects) return null
  return `the manifest that Helm keeps of revision ${revision} is not the one that was proven: somebody has changed it since`
}

/** Why a revision may not run again: its images are not those of its release, or the release is signed by nobody who is trusted; null when it may. */
async function foreignImages(run: Run, { commit, images, revision }: DeploymentRecord): Promise<string | null> {
  const stored = await findRelease({ ...run, releaseWanted: commit })
  const other = Object.entries(images).filter(([name, image]) => stored.release.images[name]?.ref !== image)
  if (other.length > 0) return `revision ${revision} ran images that the release of commit ${commit.slice(0, 12)} does not have: ${other.map(([name, image]) => `${name} ${image}`).join(", ")}`
  const gate = await verifyOther(run, stored)
  return gate === null || gate.verdict === "passed" ? null : `revision ${revision}: ${gate.reason}`
}
