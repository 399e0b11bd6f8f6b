import { DeliveryError } from "../../core/errors.js"
import { errorGate } from "../../core/gates/gate.js"
import { emptyDirectory } from "../run.js"
import type { CallResult } from "./check.js"

/** One row for a call that broke off, such as by an image that cannot be pulled; what is wrong with the call itself is told as every other call tells it. */
export function brokenCall(stage: string, environment: string | null, error: unknown): CallResult & { readonly preface?: string } {
  if (error instanceof DeliveryError) throw error
  return { rows: [{ stage, environment, gate: errorGate(error instanceof Error ? error.message : String(error)), durationSeconds: 0, cached: false }], evidence: emptyDirectory() }
}
