import { renderFailures } from "../core/report/failures.js"
import { renderTable } from "../core/report/table.js"
import type { RunRecord } from "../core/run.js"
import { exitStatus } from "../core/verdict.js"
import { nextNonce, uncached } from "./exec.js"
import { containerOf } from "./image-container.js"
import type { RunArchive } from "./run-store.js"

/**
 * What the call was asked to tell, what went wrong in full, then the closing table. Unless all is well it comes from a last container that ends with the
 * verdict's exit status, or with `redStatus` where `failed` has another: the CLI ends with the status of a failed exec, and with 1 for everything else.
 */
export async function finish(archive: RunArchive, run: RunRecord, call: string, { preface = "", redStatus }: { readonly preface?: string; readonly redStatus?: number } = {}): Promise<string> {
  const failures = renderFailures(run)
  const text = `${preface}${failures === "" ? "" : `${failures}\n\n`}${renderTable(run, call)}\n`
  const status = run.verdict === "failed" ? (redStatus ?? exitStatus(run.verdict)) : exitStatus(run.verdict)
  if (status === 0) return text
  const last = containerOf(archive.image).withNewFile("/table", text).withEnvVariable("STATUS", String(status))
  return uncached(last, nextNonce(run.runId)).withExec(["sh", "-c", 'cat /table; exit "$STATUS"']).stdout()
}
