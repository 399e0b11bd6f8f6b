import { judgeAudit } from "../../core/gates/audit.js"
import { errorGate } from "../../core/gates/gate.js"
import { commandLog, nextNonce, runCommands, textFile, uncached } from "../exec.js"
import { limits, serviceOf, type StageWork } from "../run.js"
import { prepareService } from "../service-container.js"

/** Asks the registry's advisories about the locked dependencies; never from the cache, for advisories move. */
export const audit: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const { container, recipe } = await prepareService(run, service, planned.timeoutSeconds)
  const results = await runCommands(uncached(container, nextNonce(run.header.runId)), recipe.audit, limits(run, planned))
  const [first] = results
  return {
    gate:
      first === undefined
        ? errorGate(`no audit command for ${service.name}`)
        : judgeAudit(first, { ...run.checkout.config.audit, report: recipe.auditReport, timeoutSeconds: planned.timeoutSeconds }),
    evidence: textFile(`logs/audit-${planned.service}.log`, commandLog(results)),
  }
}
