import { judgeLint } from "../../core/gates/lint.js"
import { commandLog, runCommands, textFile } from "../exec.js"
import { limits, serviceOf, type StageWork } from "../run.js"
import { prepareService } from "../service-container.js"

/** Runs the service's linters on a copy of its sources. */
export const lint: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const { container, recipe, workdir } = await prepareService(run, service, planned.timeoutSeconds)
  const results = await runCommands(container, recipe.lint, limits(run, planned))
  return {
    gate: judgeLint(results, { folder: workdir, path: service.path }, planned.timeoutSeconds),
    cached: results.every(({ cached }) => cached),
    evidence: textFile(`logs/lint-${planned.service}.log`, commandLog(results)),
  }
}
