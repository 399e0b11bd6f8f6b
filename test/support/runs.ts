import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { RunRecord, StageResult } from "../../ci/src/core/run.js"
import { removeAfterTests } from "./cleanup.js"
import { newRunId, ROOT } from "./daggerw.js"

/** The reports of a run where daggerw left them. */
export interface RunFolder {
  readonly runId: string
  readonly has: (path: string) => boolean
  readonly text: (path: string) => string
  readonly record: () => RunRecord
  readonly stage: (stage: string, about?: string) => StageResult
}

export function runFolder(folder: string, runId: string): RunFolder {
  const text = (path: string): string => readFileSync(join(folder, path), "utf8")
  const record = (): RunRecord => JSON.parse(text("run.json")) as RunRecord
  const stage = (name: string, about?: string): StageResult => {
    const { stages } = record()
    const found = stages.find((row) => row.stage === name && (about === undefined || (row.service ?? row.environment) === about))
    if (found === undefined) throw new Error(`run ${runId}: expected a row ${name} ${about ?? ""}, got ${stages.map((row) => `${row.stage} ${row.service ?? row.environment ?? ""}`).join(", ")}`)
    return found
  }
  return { runId, has: (path) => existsSync(join(folder, path)), text, record, stage }
}

/** A run that has not begun; its reports go away with the tests of the file. */
export function newRun(what: string): RunFolder {
  const runId = newRunId(what)
  const folder = join(ROOT, ".delivery/runs", runId)
  removeAfterTests(folder)
  return runFolder(folder, runId)
}
