import type { GateResult } from "../run.js"
import { judgeExecs, type ExecOutcome } from "./exec.js"
import { passedGate } from "./gate.js"

/** Larger artifacts are a mistake, such as a folder of dependencies, or nothing for a run's reports. */
export const ARTIFACTS_LIMIT_BYTES = 500 * 1024 * 1024

/** The gate of the build's own commands; a service that is only started has none. */
export function judgeBuild(execs: readonly ExecOutcome[], timeoutSeconds: number): GateResult {
  return execs.length === 0 ? passedGate("") : judgeExecs(execs, timeoutSeconds)
}

/** Why artifacts of that size are not kept with the reports; null when they are. */
export function tooLarge(artifactsBytes: number): string | null {
  if (artifactsBytes <= ARTIFACTS_LIMIT_BYTES) return null
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`
  return `artifacts not kept: ${mebibytes(artifactsBytes)}, more than ${mebibytes(ARTIFACTS_LIMIT_BYTES)} (\`artifacts\` in delivery.yaml names what is kept)`
}
