import { judgeExecs } from "../../core/gates/exec.js"
import { failedGate } from "../../core/gates/gate.js"
import { commandLog, runCommands, textFile } from "../exec.js"
import { limits, serviceOf, type StageWork } from "../run.js"
import { prepareService } from "../service-container.js"

/** Builds the service from its sources; the artifacts that it promises must be there and not empty. */
export const build: StageWork = async (run, planned) => {
  const service = serviceOf(run, planned)
  const { container, recipe, workdir } = await prepareService(run, service, planned.timeoutSeconds)
  const results = await runCommands(container, recipe.build, limits(run, planned))
  const output = {
    cached: results.every(({ cached }) => cached),
    evidence: textFile(`logs/build-${planned.service}.log`, commandLog(results)),
  }
  const gate = judgeExecs(results, planned.timeoutSeconds)
  const built = results.at(-1)?.container
  if (gate.verdict !== "passed" || built === undefined) return { ...output, gate }
  for (const artifact of recipe.artifacts) {
    const files = await built.directory(workdir).glob(`${artifact}/**`)
    if (files.length === 0) return { ...output, gate: failedGate(`${service.path}/${artifact}: expected files from the build, got none`) }
  }
  return { ...output, gate }
}
