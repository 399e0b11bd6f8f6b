import { judgeSurroundings } from "../gates/exec.js"
import { errorGate, failedGate, unavailableGate } from "../gates/gate.js"
import type { GateResult } from "../run.js"
import type { StepOutcome } from "../steps/step.js"
import { firstError, surroundingsFault } from "./diagnostics.js"

/** What went wrong in steps against the state and the account; null when all of them did what they should. */
export function judgeLiveSteps(outcomes: readonly StepOutcome[], wanted: number, timeoutSeconds: number): GateResult | null {
  const bad = outcomes.find(({ name, exitCode }) => exitCode !== 0 && name !== "policy")
  if (bad === undefined) return outcomes.length >= wanted ? null : errorGate(`only ${outcomes.length} of ${wanted} steps were reached`)
  const broken = judgeSurroundings(bad, timeoutSeconds)
  if (broken !== null) return broken
  const said = `${bad.stderr}\n${bad.stdout}`
  if (/Saved plan is stale|plan file .* created from a different/i.test(said)) return errorGate("the state has moved since the plan was made; nothing was applied. Run terraform-plan again, look at what differs, and have it approved.")
  const fault = surroundingsFault(said)
  if (fault === "the provider is out of reach") return unavailableGate(`${fault}: ${firstError(said)}. Give --providers or terraform.mirror`)
  if (fault !== null) return errorGate(`${fault}: ${firstError(said)}`)
  // What was applied in part is in the state; the next plan shows the rest.
  return bad.name === "apply" ? errorGate(`tofu apply did not come to its end, and part of the plan may be applied: ${firstError(said)}. Run terraform-plan to see what is left.`) : failedGate(firstError(said))
}
