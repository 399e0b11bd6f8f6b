import { dag } from "@dagger.io/dagger"
import { LOCAL_ENVIRONMENT } from "../../core/config/environments-check.js"
import { renderPlanJson } from "../../core/deploy/deploy-plan.js"
import { passedGate } from "../../core/gates/gate.js"
import { checkNamespace, createNamespace } from "../deploy/kube-client.js"
import { makePlan } from "../deploy/make-plan.js"
import { helmTools } from "../helm-release.js"
import { tell } from "../notify.js"
import { registryOf, withRegistryAccount } from "../release-store.js"
import { environmentOf, type PlannedDeploy, type Run, type StageWork } from "../run.js"
import { verifyBeforeWrite } from "../verified-release.js"

async function pushPlan(run: Run, { plan, hash }: PlannedDeploy): Promise<void> {
  const { project } = run.checkout.config
  await withRegistryAccount(run, dag.container().withNewFile("/plan.json", renderPlanJson(plan, hash))).publish(`${registryOf(run).address}/${project}:plan-${hash}`)
}

/** Lints the chart, has the API server judge every object, and says what would change; writes nothing to the cluster. */
export const deployPlan: StageWork = async (run, planned) => {
  const verified = await verifyBeforeWrite(run, planned)
  if (verified.stop !== null) return verified.stop
  const { name: environment, namespace, kubeconfig, approval } = environmentOf(run, planned)
  const place = { environment, namespace, project: run.checkout.config.project, credential: kubeconfig ?? "the call" }
  const tools = await helmTools(run, planned)
  let exists = await checkNamespace(tools.target.connection, place)
  // The cluster of `local` is as new as the call: an empty namespace there is nothing that anybody could miss.
  if (!exists && environment === LOCAL_ENVIRONMENT) {
    await createNamespace(tools.target.connection, place)
    exists = true
  }
  const made = await makePlan(run, planned, tools, exists)
  if (made.planned !== null) run.plans.set(environment, made.planned)
  // Beside the release, for whoever is to approve it and was not there.
  if (made.planned !== null && approval === "required") await pushPlan(run, made.planned)
  if (made.planned !== null && approval === "required" && run.plannedOnly.includes(environment)) {
    await tell(run, { project: place.project, environment, event: "awaiting-approval", stage: `deploy (${environment})`, cause: null, commit: tools.deployed.commit, runId: run.header.runId })
  }
  return { gate: made.planned === null ? made.gate : passedGate(`${verified.words}; ${made.gate.reason}`), evidence: made.evidence }
}
