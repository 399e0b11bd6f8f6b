import { dag } from "@dagger.io/dagger"
import { renderTable } from "../core/report/table.js"
import type { RunRecord } from "../core/run.js"
import { exitStatus } from "../core/verdict.js"
import type { Checkout } from "./checkout.js"
import { nextNonce, uncached } from "./exec.js"

/**
 * The closing table. Unless all is well it comes from a last container that ends with the verdict's exit status:
 * the CLI ends with the status of a failed exec, and with 1 for everything else.
 */
export async function finish(checkout: Checkout, run: RunRecord, call: string): Promise<string> {
  const table = `${renderTable(run, call)}\n`
  const status = exitStatus(run.verdict)
  if (status === 0) return table
  const last = dag.container().from(checkout.image("debian")).withNewFile("/table", table).withEnvVariable("STATUS", String(status))
  return uncached(last, nextNonce(run.runId)).withExec(["sh", "-c", 'cat /table; exit "$STATUS"']).stdout()
}
