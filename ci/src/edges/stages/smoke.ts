import { judgeSmoke } from "../../core/gates/smoke.js"
import { textFile } from "../exec.js"
import { smokeAttempts, smokeLog } from "../smoke-attempts.js"
import { chartOf, environmentOf, type Run, type StageWork } from "../run.js"
import type { PlannedStage } from "../../core/plan.js"

/** Asks every service, directly and through the gateway, what delivery.yaml says that it must answer; what `deploy` has just asked is not asked again. */
export const smoke: StageWork = async (run, planned, attempt) => {
  const byDeploy = attempt === 0 ? run.proven.get(planned.environment ?? "") : undefined
  const attempts = byDeploy ?? (await askServices(run, planned))
  const gate = judgeSmoke(attempts)
  const told = byDeploy === undefined ? gate : { ...gate, reason: `${gate.reason}, as deploy asked them` }
  return { gate: told, evidence: textFile(`logs/smoke-${planned.environment}.log`, smokeLog(attempts)) }
}

async function askServices(run: Run, planned: PlannedStage) {
  const environment = environmentOf(run, planned)
  const { connection, ownGatewayUrl: gatewayUrl } = await run.target(environment.name)
  return smokeAttempts(Object.values(run.checkout.config.services), { connection, gatewayUrl, namespace: environment.namespace, release: chartOf(run).release })
}
