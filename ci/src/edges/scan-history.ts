import { dag, type Directory } from "@dagger.io/dagger"
import type { HistoryInput } from "../core/gates/scan/history.js"
import { CANARY_SECRET } from "../core/scan/canary.js"
import { GITLEAKS_CONFIG } from "../core/scan/gitleaks.js"
import { HISTORY_CANARY_STEP, HISTORY_FILES, HISTORY_NAMES_STEP, HISTORY_PARTS, HISTORY_PATH, HISTORY_PATHS_FILE, HISTORY_STEP, HISTORY_STEPS } from "../core/scan/history.js"
import { INPUT_FOLDER } from "../core/scan/sandbox.js"
import type { Run } from "./run.js"
import { textOf, type SandboxRun } from "./sandbox.js"
import { runScanners, scanRun } from "./scan-run.js"

/** A search through all that was ever committed. */
export interface HistoryScan {
  readonly sandbox: SandboxRun
  readonly input: HistoryInput
}

/** Searches what a git folder holds, in a sandbox of its own: git is in gitleaks' image. Null when nobody asked for it. */
export async function scanHistory(run: Run, timeoutSeconds: number, attempt: number): Promise<HistoryScan | null> {
  if (run.history === null) return null
  const parts = run.history.filter({ include: [...HISTORY_PARTS] })
  const repository = Object.entries(HISTORY_FILES).reduce((folder: Directory, [path, text]) => folder.withNewFile(path, text), parts.withNewDirectory("objects"))
  const files = dag
    .directory()
    .withDirectory(HISTORY_PATH, repository)
    .withNewFile(`${INPUT_FOLDER}/canary-secret`, CANARY_SECRET)
    .withNewFile(`${INPUT_FOLDER}/gitleaks.toml`, GITLEAKS_CONFIG)
  const [isShallow, sandbox] = await Promise.all([
    parts.exists("shallow"),
    runScanners(run, { image: run.checkout.image("gitleaks"), files, steps: HISTORY_STEPS, timeoutSeconds }, attempt),
  ])
  const [tree, names, canary, paths] = await Promise.all([scanRun(sandbox, HISTORY_STEP.name), scanRun(sandbox, HISTORY_NAMES_STEP.name), scanRun(sandbox, HISTORY_CANARY_STEP.name), textOf(sandbox.output, HISTORY_PATHS_FILE)])
  const secrets = { tree, names, canary, paths: (paths ?? "").split("\n").slice(0, -1), root: "", timeoutSeconds }
  return { sandbox, input: { outcomes: sandbox.outcomes, secrets, isShallow } }
}
