import { notConfiguredGate, passedGate, unavailableGate } from "../../core/gates/gate.js"
import { endNotice } from "../../core/notify/notice.js"
import { tell, toldText } from "../notify.js"
import { environmentOf, releaseName, type StageWork } from "../run.js"

/** Tells how the environment's stages ended; whether anybody could be told never changes the run's verdict. */
export const notify: StageWork = async (run, planned) => {
  const environment = environmentOf(run, planned)
  const notice = endNotice([...run.results.values()], { project: run.checkout.config.project, environment: environment.name, commit: run.release?.commit ?? releaseName(run), runId: run.header.runId })
  if (notice === null) return { gate: notConfiguredGate("nothing ran that could be told about") }
  const told = await tell(run, notice)
  if (told.length === 0) return { gate: notConfiguredGate(`delivery.yaml, notify.on: nobody wants to be told of \`${notice.event}\``) }
  return { gate: told.some(({ failure }) => failure !== null) ? unavailableGate(toldText(told)) : passedGate(toldText(told)) }
}
