import { dag, type Directory } from "@dagger.io/dagger"
import type { ExecOutcome } from "../core/gates/exec.js"
import type { DatabaseLimits } from "../core/gates/scan/database.js"
import { logIsolation } from "../core/gates/scan/isolation.js"
import type { ScanLimits } from "../core/gates/scan/judge-faults.js"
import { maskedJson, withoutTexts } from "../core/gates/scan/mask.js"
import type { ScanRun } from "../core/gates/scan/scanner.js"
import { renderFindings } from "../core/report/findings-table.js"
import type { GateResult } from "../core/run.js"
import { CANARY_LOCK_FILE } from "../core/scan/canary.js"
import { INPUT_FOLDER } from "../core/scan/sandbox.js"
import { FOUND_EXIT_CODE } from "../core/scan/trivy.js"
import { commandLog } from "./exec.js"
import { today, type Run } from "./run.js"
import { runSandbox, textOf, type SandboxJob, type SandboxRun } from "./sandbox.js"
import type { ScanDatabase } from "./scan-database.js"

const HOUR_MILLISECONDS = 3_600_000

/** What delivery.yaml and the call say of every scan. */
export function scanLimits(run: Run): { readonly limits: ScanLimits; readonly databaseLimits: DatabaseLimits } {
  const { scan, audit } = run.checkout.config
  const { level, ignoreUnfixed, licenses, maxDatabaseAgeDays } = scan
  return {
    // One decision on a vulnerability counts wherever it is met.
    limits: { level, ignoreUnfixed, licenses, exceptions: [...scan.exceptions, ...audit.exceptions], today: today() },
    databaseLimits: {
      maxAgeDays: maxDatabaseAgeDays,
      sampleAllowed: !run.pushesToRegistry,
      hoursSince: (time) => (Date.now() - Date.parse(time)) / HOUR_MILLISECONDS,
    },
  }
}

/** What every scan sees: the database, a lock file that it must find something in, and the VEX documents. */
export function scanInput(run: Run, database: ScanDatabase): Directory {
  const { config, source } = run.checkout
  const files = database.folder.withNewFile(`${INPUT_FOLDER}/canary/package-lock.json`, CANARY_LOCK_FILE)
  return config.scan.vex.reduce((folder, path) => folder.withFile(`${INPUT_FOLDER}/vex/${path}`, source.file(path)), files)
}

/** Runs the scanners. What ended otherwise than with a verdict is never taken from the engine's cache. */
export async function runScanners(run: Run, job: SandboxJob, attempt: number): Promise<SandboxRun> {
  const first = await runSandbox({ ...job, ...(attempt > 0 ? { again: `${run.header.runId} ${attempt}` } : {}) })
  const isBroken = Object.values(first.outcomes).some(({ exitCode }) => exitCode !== 0 && exitCode !== FOUND_EXIT_CODE)
  return first.cached && isBroken ? runSandbox({ ...job, again: run.header.runId }) : first
}

/** One scan with its report. */
export async function scanRun({ outcomes, output }: SandboxRun, name: string): Promise<ScanRun> {
  const exec: ExecOutcome = outcomes[name] ?? { argv: [name], exitCode: -1, stdout: "", stderr: "" }
  return { exec, report: await textOf(output, `${name}.json`) }
}

/** The log of a scan and its reports, without what nobody may read. */
export function scanEvidence(name: string, scan: { sandboxes: readonly SandboxRun[]; database: ScanDatabase; gate: GateResult; reports: Readonly<Record<string, string | null>>; hidden: readonly string[] }): Directory {
  const { sandboxes, database, gate, reports, hidden } = scan
  const ran = sandboxes.flatMap(({ isolation, outcomes }) => [logIsolation(isolation), commandLog(Object.values(outcomes))])
  const log = [renderFindings(gate), database.log, ...ran].join("\n")
  let evidence = dag.directory().withNewFile(`logs/${name}.log`, withoutTexts(log, hidden))
  for (const [path, text] of Object.entries(reports)) {
    const kept = text === null ? null : maskedJson(text)
    if (kept !== null) evidence = evidence.withNewFile(path, withoutTexts(kept, hidden))
  }
  return evidence
}
