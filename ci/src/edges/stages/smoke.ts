import { judgeSmoke } from "../../core/gates/smoke.js"
import { textFile } from "../exec.js"
import { smokeAttempts, smokeLog } from "../smoke-attempts.js"
import { chartOf, environmentOf, type StageWork } from "../run.js"

/** Asks every service, directly and through the gateway, what delivery.yaml says that it must answer. */
export const smoke: StageWork = async (run, planned) => {
  const environment = environmentOf(run, planned)
  const { connection, ownGatewayUrl: gatewayUrl } = await run.target(environment.name)
  const attempts = await smokeAttempts(Object.values(run.checkout.config.services), { connection, gatewayUrl, namespace: environment.namespace, release: chartOf(run).release })
  return { gate: judgeSmoke(attempts), evidence: textFile(`logs/smoke-${planned.environment}.log`, smokeLog(attempts)) }
}
