import { judgeAudit, type AuditOutcome } from "../../core/gates/audit.js"
import { uselessExceptions } from "../../core/gates/exceptions.js"
import { stepsOf } from "../../core/steps/step.js"
import { commandLog, nextNonce, runSteps, textFile, uncached } from "../exec.js"
import { limits, serviceOf, type Run, type StageWork, today } from "../run.js"
import { prepareService } from "../service-container.js"

/** What the audits of a run have told so far, by service. */
const outcomesOf = new WeakMap<Run, Map<string, AuditOutcome>>()

/** Asks the registry's advisories about the locked dependencies; never from the cache, for advisories move. */
export const audit: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const { container, recipe } = await prepareService(run, service, planned.timeoutSeconds, service.recipe.auditSetup)
  const { outcomes } = await runSteps(uncached(container, nextNonce(run.header.runId)), stepsOf(recipe.audit), limits(run, planned))
  const outcome = judgeAudit(outcomes, {
    ...run.checkout.config.audit,
    report: recipe.auditReport,
    lockFile: recipe.lockFile,
    today: today(),
    timeoutSeconds: planned.timeoutSeconds,
  })
  const findings = [...outcome.gate.findings, ...afterTheLast(run, service.name, outcome)]
  return { gate: { ...outcome.gate, findings }, evidence: textFile(`logs/audit-${planned.service}.log`, commandLog(outcomes)) }
}

/** The exceptions that no service needed; known when the last service was audited. */
function afterTheLast(run: Run, service: string, outcome: AuditOutcome) {
  const outcomes = outcomesOf.get(run) ?? new Map<string, AuditOutcome>()
  outcomesOf.set(run, outcomes.set(service, outcome))
  const { services, audit } = run.checkout.config
  const audited = Object.values(services).filter(({ recipe }) => recipe.audit.length > 0)
  return uselessExceptions("audit", audit.exceptions, audited.map(({ name }) => outcomes.get(name)?.matched))
}
