import { KEPT_RECORDS, releaseOfRevision, type DeploymentRecord } from "../deploy/history.js"
import type { RolloutOutcome } from "./rollout-outcome.js"

/** What going back to a revision writes again, as one digest; null for none. */
export interface RevisionDigests {
  readonly withTrack: string | null
  readonly newest: string | null
}

/** The history with a rollout in it: one record for it, however many revisions it took; another for the way back. */
export function rolloutRecords(records: readonly DeploymentRecord[], { facts, state, revision, kind }: Extract<RolloutOutcome, { readonly kind: "ended" | "at-weight" }>, digests: RevisionDigests, now: string): readonly DeploymentRecord[] {
  const { runId, commit, images, content, checks, plan, approvedBy, startedAt, captured, withTrack } = facts
  const base = { kind: "deploy" as const, runId, commit, images, content, checks, plan, approvedBy, startedAt }
  // What the same run wrote before it ended.
  const others = records.filter((record) => !(record.runId === runId && record.kind === "deploy" && record.outcome === "running"))
  const reason = state.ending?.reason ?? ""
  const added: readonly DeploymentRecord[] =
    kind === "at-weight"
      ? [{ ...base, revision: withTrack, objects: digests.withTrack, endedAt: null, outcome: "running", reason: `track ${facts.track} at weight 0` }]
      : state.phase === "promoted"
        ? [{ ...base, revision, objects: digests.newest, endedAt: now, outcome: "healthy", reason }]
        : state.stuckIn === "remove"
          ? [{ ...base, revision, objects: digests.newest, endedAt: now, outcome: "failed", reason }]
          : [{ ...base, revision: withTrack, objects: digests.withTrack, endedAt: now, outcome: "failed", reason }, ...wayBack(records, { ...base, revision, objects: digests.newest, endedAt: now, reason: `to revision ${captured}` }, captured, state.phase === "aborted")]
  return [...others, ...added].slice(-KEPT_RECORDS)
}

function wayBack(records: readonly DeploymentRecord[], record: Omit<DeploymentRecord, "outcome">, captured: number, proven: boolean): readonly DeploymentRecord[] {
  return [{ ...record, ...releaseOfRevision(records, captured), kind: "rollback", outcome: proven ? "healthy" : "failed" }]
}
