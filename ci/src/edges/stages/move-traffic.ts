import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import { errorGate, notConfiguredGate } from "../../core/gates/gate.js"
import { capturedRevision } from "../canary/captured-revision.js"
import { draftRollout } from "../canary/wanted-rollout.js"
import { leadEnvironment } from "../canary/lead-environment.js"
import { stateName } from "../deploy/delivery-state.js"
import { takeLease } from "../deploy/lease-holder.js"
import { helmTools } from "../helm-release.js"
import { environmentOf, type StageWork } from "../run.js"

const TRAFFIC_LEASE_WAIT_SECONDS = 120

/** Moves the traffic to the track that `deploy` has put beside what runs, judged all the while, and makes it stable: the work of `canary` and of `switch`. */
export const moveTraffic: StageWork = async (run, planned) => {
  const { name, strategy } = environmentOf(run, planned)
  const current = run.plans.get(name)
  if (strategy.kind === "rolling") return { gate: notConfiguredGate("the strategy is rolling") }
  if (current === undefined) return { gate: errorGate("deploy-plan has made no plan in this call") }
  // In `local` the first release of all is the one that this one is held against.
  if (run.rolledOut.has(name) && name !== LOCAL_ENVIRONMENT) return { gate: notConfiguredGate("the first release of an environment is rolled out: there was none to hold it against") }
  if (run.upToDate.has(name)) return { gate: notConfiguredGate("this release runs already") }
  // What was answered before is not what will be there after.
  run.proven.delete(name)
  const tools = await helmTools(run, planned)
  const { connection } = tools.target
  const { release } = tools
  const say = (line: string): void => console.log(`${planned.stage} (${name}): ${line}`)
  const lease = await takeLease(connection, { namespace: release.namespace, name: stateName(release.name), holder: run.header.runId, waitSeconds: TRAFFIC_LEASE_WAIT_SECONDS, say })
  try {
    const captured = await capturedRevision(tools)
    if (captured === null) return { gate: errorGate(`${name}: no healthy revision of ${release.name} is there to put a track beside`) }
    return await leadEnvironment(run, planned, tools, { draft: await draftRollout(run, planned, tools, strategy, captured), current, approvedBy: null, untilWeight: false })
  } finally {
    await lease.release()
  }
}
