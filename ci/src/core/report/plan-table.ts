import type { PlannedStage } from "../plan.js"

/** What `--dry-run` prints: every stage in order, and why it will not run. */
export function renderPlan(plan: readonly PlannedStage[]): string {
  const width = Math.max(...plan.map((planned) => planned.id.length))
  return plan
    .map((planned) => {
      const what = planned.skip === null ? `run (at most ${planned.timeoutSeconds} s)` : `skip, ${planned.skip.kind}: ${planned.skip.reason}`
      return `${planned.id.padEnd(width)}  ${what}`
    })
    .join("\n")
}
