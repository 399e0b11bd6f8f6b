import { judgeLint } from "../../core/gates/lint.js"
import { stepsOf } from "../../core/steps/step.js"
import { commandLog, runSteps, textFile } from "../exec.js"
import { limits, serviceOf, type StageWork } from "../run.js"
import { prepareService } from "../service-container.js"

/** Runs the service's linters on a copy of its sources. */
export const lint: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const { container, recipe, workdir } = await prepareService(run, service, planned.timeoutSeconds)
  const { outcomes, cached } = await runSteps(container, stepsOf(recipe.lint), limits(run, planned))
  return {
    gate: judgeLint(outcomes, { folder: workdir, path: service.path }, planned.timeoutSeconds),
    cached,
    evidence: textFile(`logs/lint-${planned.service}.log`, commandLog(outcomes)),
  }
}
