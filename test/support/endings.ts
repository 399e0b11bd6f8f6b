import { expect } from "vitest"
import { call, closingLine } from "./daggerw.js"
import { newRun } from "./runs.js"
import type { Tree } from "./trees.js"

/** A tree, a call on it, and how the call must end. */
export interface Ending {
  readonly what: string
  readonly tree: () => Tree
  readonly argv: readonly string[]
  readonly status: number
  /** The row that tells it, with its verdict and words. */
  readonly row: readonly [stage: string, verdict: string, reason: RegExp]
  /** A file of the run, and what it must say. */
  readonly file?: readonly [path: string, says: RegExp]
}

export async function checkEnding({ tree, argv, status, row: [stage, verdict, reason], file }: Ending): Promise<void> {
  const run = newRun("ending")
  const ended = await call([`--source=${tree().path}`, `--run-id=${run.runId}`, ...argv], { limitSeconds: 1200 })
  expect(ended.status, ended.output).toBe(status)
  expect(closingLine(ended)).toContain(`${argv[0]}: ${verdict} — `)
  const row = run.stage(stage)
  expect(row.reason).toMatch(reason)
  expect(row.verdict).toBe(verdict)
  for (const report of ["report.html", "summary.md", "junit.xml"]) expect(run.has(report), report).toBe(true)
  if (file !== undefined) expect(run.text(file[0])).toMatch(file[1])
}
