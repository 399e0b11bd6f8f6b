import type { HelmRevision } from "./helm.js"
import { lastKnownGood, orphanedRevision, type DeploymentRecord } from "./history.js"

/** What `history` prints: newest first, the last known good marked. */
export function renderHistory(environment: string, recorded: readonly DeploymentRecord[], revisions: readonly HelmRevision[]): string {
  const orphan = orphanedRevision(recorded, revisions)
  const records = orphan === null ? recorded : [...recorded.slice(0, -1), ...recorded.slice(-1).map((record) => ({ ...record, revision: orphan }))]
  if (records.length === 0 && revisions.length === 0) return `${environment}: nothing has been deployed\n`
  const good = lastKnownGood(records, revisions)
  const unrecorded = revisions.filter(({ revision }) => !records.some((record) => record.revision === revision))
  const rows = [
    ...records.map((record) => [order(record.revision, record.startedAt), recordRow(record, record === good, revisions)] as const),
    ...unrecorded.map((known) => [order(known.revision, known.updated), [String(known.revision), known.updated.slice(0, 19), "by hand", known.status, "", "", "", "", "deployed without this module: not proven"]] as const),
  ].sort(([one], [other]) => (one < other ? 1 : -1))
  const table = [HEAD, ...rows.map(([, row]) => row)]
  const widths = HEAD.map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)))
  const lines = table.map((row) => row.map((cell, column) => (column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join("  ").trimEnd())
  return `${[...lines, "", summary(environment, good)].join("\n")}\n`
}

const HEAD = ["REVISION", "STARTED", "KIND", "OUTCOME", "COMMIT", "PLAN", "APPROVED BY", "RUN", "REASON"]

const order = (revision: number | null, at: string): string => `${at.slice(0, 19)} ${String(revision ?? 0).padStart(9, "0")}`

function recordRow(record: DeploymentRecord, good: boolean, revisions: readonly HelmRevision[]): readonly string[] {
  const { revision, startedAt, kind, outcome, commit, plan, approvedBy, runId, reason } = record
  const gone = revision !== null && !revisions.some((known) => known.revision === revision) ? " (Helm no longer has it)" : ""
  const how = outcome === "running" ? "interrupted, or still running" : outcome
  return [revision === null ? "-" : `${revision}${gone}`, startedAt.slice(0, 19), kind, `${how}${good ? " *" : ""}`, commit.slice(0, 12), plan === null ? "-" : plan.slice(0, 12), approvedBy ?? "-", runId, reason.split("\n")[0]?.slice(0, 160) ?? ""]
}

function summary(environment: string, good: DeploymentRecord | null): string {
  if (good === null) return `${environment}: no revision is known to be good`
  const images = Object.entries(good.images).map(([name, ref]) => `  ${name}  ${ref}`)
  return [`* last known good of ${environment}: revision ${good.revision}, commit ${good.commit}`, ...images].join("\n")
}
