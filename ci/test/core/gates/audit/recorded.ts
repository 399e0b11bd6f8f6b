import type { DatedException } from "../../../../src/core/config/exceptions.js"
import { judgeAudit, type AuditInput, type AuditOutcome } from "../../../../src/core/gates/audit.js"
import type { ExecOutcome } from "../../../../src/core/gates/exec.js"
import type { AuditReportKind } from "../../../../src/core/toolchains/toolchain.js"
import { fixture } from "../../support.js"

/** What real tools said, asking test/support/advisory-service in each of its modes. */
export const RECORDED = ["npm", "pnpm", "pnpm-10", "yarn-classic", "yarn-berry", "pip-audit"] as const
export type Recorded = (typeof RECORDED)[number]

export const recorded = (tool: Recorded): Readonly<Record<string, ExecOutcome>> => {
  const { recordedFrom: _, ...cases } = JSON.parse(fixture(`audit/${tool}.json`)) as Record<string, ExecOutcome>
  return cases
}

export const said = (tool: Recorded, what: string): ExecOutcome => {
  const exec = recorded(tool)[what]
  if (exec === undefined) throw new Error(`audit/${tool}.json: expected a case ${what}`)
  return exec
}

export const kindOf = (tool: Recorded): AuditReportKind => (tool === "pnpm-10" ? "pnpm" : tool)

export const judged = (exec: ExecOutcome, report: AuditReportKind, input: Partial<AuditInput> = {}): AuditOutcome =>
  judgeAudit([exec], { report, lockFile: "app/lock", level: "high", onUnavailable: "fail", exceptions: [], today: "2026-11-23", timeoutSeconds: 60, ...input })

export const exceptionFor = (id: string, more: Partial<DatedException> = {}): DatedException => ({ id, reason: "no user input gets there", until: "2026-12-31", ...more })
