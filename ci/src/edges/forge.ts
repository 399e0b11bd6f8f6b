import { tellRun } from "../core/forge/forge.js"
import { renderMarkdown } from "../core/report/markdown.js"
import type { RunRecord } from "../core/run.js"
import { forgeRequest } from "./forge-request.js"
import type { Run } from "./run.js"

/** Tells the run where the code lies, if delivery.yaml names that and the token is there. It never changes the verdict. */
export async function tellForge(run: Run, record: RunRecord, call: string): Promise<void> {
  const { forge } = run.checkout.config.ci
  const token = forge === null ? undefined : await run.credentials.get(forge.token)?.plaintext()
  // A fork's change has no token, or an empty one, and is told by the CI system alone.
  if (forge === null || token === undefined || token === "") return
  const lines = await tellRun(forge, record, call, renderMarkdown(record), forgeRequest(forge, token)).catch((error: unknown) => [
    `${forge.kind} was not told: ${error instanceof Error ? error.message : String(error)}. The verdict stands.`,
  ])
  for (const line of lines) console.log(line)
}
