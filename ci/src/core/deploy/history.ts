import type { CheckedService } from "../gates/smoke.js"
import type { HelmRevision } from "./helm.js"

export const KEPT_RECORDS = 50

/** What became of a deployment: `running` is also what a killed one reads; `repaired` was written to free a release, and nobody has proven it. */
export type DeploymentOutcome = "running" | "healthy" | "failed" | "repaired"

/** One deployment, as the cluster remembers it. */
export interface DeploymentRecord {
  readonly kind: "deploy" | "rollback"
  readonly runId: string
  /** Helm's revision; null before Helm has written one. */
  readonly revision: number | null
  readonly commit: string
  /** repository@digest by service. */
  readonly images: Readonly<Record<string, string>>
  /** Digest of all that the chart rendered: what tells one content from another. */
  readonly content: string
  /** Digest of manifest and hooks as Helm keeps them: what going back writes again. Null before Helm has written. */
  readonly objects: string | null
  /** What it was proven by; none for what an older version wrote. A later release may have others, which this one does not know. */
  readonly checks: readonly CheckedService[]
  readonly plan: string | null
  readonly approvedBy: string | null
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt: string | null
  readonly outcome: DeploymentOutcome
  readonly reason: string
}

/** Reads the history; of what an older version wrote, nobody knows the digest of its objects. */
export function parseRecords(text: string | undefined): readonly DeploymentRecord[] {
  return text === undefined ? [] : (JSON.parse(text) as readonly DeploymentRecord[]).map((record) => ({ ...record, objects: record.objects ?? null, checks: record.checks ?? [] }))
}

/** Adds a record, or replaces the one that the same run wrote for the same revision or before it had any. */
export function withRecord(records: readonly DeploymentRecord[], record: DeploymentRecord): readonly DeploymentRecord[] {
  const same = (other: DeploymentRecord): boolean => other.runId === record.runId && other.kind === record.kind && (other.revision === null || other.revision === record.revision)
  return [...records.filter((other) => !same(other)), record].slice(-KEPT_RECORDS)
}

/** The newest record of a revision. */
const recordOf = (records: readonly DeploymentRecord[], revision: number): DeploymentRecord | undefined => records.findLast((record) => record.revision === revision)

/** What a revision deployed; unknown for one that no run of ours has written. */
export function releaseOfRevision(records: readonly DeploymentRecord[], revision: number): Pick<DeploymentRecord, "commit" | "images" | "content" | "checks" | "plan" | "approvedBy"> {
  const { commit, images, content, checks, plan, approvedBy } = recordOf(records, revision) ?? { commit: "unknown", images: {}, content: "", checks: [], plan: null, approvedBy: null }
  return { commit, images, content, checks, plan, approvedBy }
}

/** The newest deployment that was proven healthy and that Helm still has. */
export function lastKnownGood(records: readonly DeploymentRecord[], revisions: readonly HelmRevision[]): DeploymentRecord | null {
  return records.findLast(({ outcome, revision }) => outcome === "healthy" && revisions.some((known) => known.revision === revision)) ?? null
}

/** The revision of a run that was killed between Helm's write and its own record: the newest, and nobody has proven it. Null for none. */
export function orphanedRevision(records: readonly DeploymentRecord[], revisions: readonly HelmRevision[]): number | null {
  const [last, newest] = [records.at(-1), revisions.at(-1)]
  return last?.outcome === "running" && last.revision === null && newest !== undefined && recordOf(records, newest.revision) === undefined ? newest.revision : null
}

/**
 * The revision that a deployment which fails goes back to, captured before it writes anything. `liveIsHealthy`: all workloads serve now.
 * What Helm calls deployed is not proof: a deployment that was killed while it was watched is called so too.
 */
export function captureRevision(records: readonly DeploymentRecord[], revisions: readonly HelmRevision[], liveIsHealthy: boolean): number | null {
  const current = revisions.findLast(({ status }) => status === "deployed")
  const orphan = orphanedRevision(records, revisions)
  const byHand = ({ revision }: HelmRevision): boolean => revision !== orphan && recordOf(records, revision) === undefined
  // Somebody has deployed by hand: what runs well is what to go back to.
  if (current !== undefined && byHand(current) && liveIsHealthy) return current.revision
  const good = lastKnownGood(records, revisions)?.revision
  if (good !== undefined && good !== null) return good
  return revisions.findLast((known) => (known.status === "deployed" || known.status === "superseded") && byHand(known))?.revision ?? null
}

/** What is to be done about a release that another Helm has left in the middle of something. */
export type PendingDecision =
  | { readonly kind: "none" }
  | { readonly kind: "rollback"; readonly revision: number; readonly status: string }
  | { readonly kind: "uninstall"; readonly revision: number; readonly status: string }
  | { readonly kind: "foreign"; readonly revision: number; readonly status: string }

/** `waitedMs`: for how long the same revision has been pending before our eyes, with the lease in our hand. */
export function decidePending(records: readonly DeploymentRecord[], revisions: readonly HelmRevision[], waitedMs: number): PendingDecision {
  const last = revisions.at(-1)
  if (last === undefined || !last.status.startsWith("pending-")) return { kind: "none" }
  const { revision, status } = last
  // A run of ours holds the lease while Helm works: with the lease in hand, its Helm is dead. Another Helm is given time to end.
  const ours = records.at(-1)?.outcome === "running"
  if (!ours && waitedMs < FOREIGN_HELM_MS) return { kind: "foreign", revision, status }
  const back = captureRevision(records, revisions, false)
  return back === null ? { kind: "uninstall", revision, status } : { kind: "rollback", revision: back, status }
}

/** A Helm that somebody runs by hand, and that only writes, ends within this time. */
export const FOREIGN_HELM_MS = 60_000

/** What `rollback` goes to, or why it does not. */
export type RollbackChoice = { readonly record: DeploymentRecord } | { readonly refusal: string }

/** The asked revision, or the latest earlier one that was proven healthy and differs from what runs: Helm's own N−1 may be the one that failed. */
export function chooseRollback(records: readonly DeploymentRecord[], revisions: readonly HelmRevision[], asked: number | null): RollbackChoice {
  const current = revisions.at(-1)
  if (current === undefined) return { refusal: "nothing is deployed, so there is nothing to roll back" }
  const running = recordOf(records, current.revision)
  const healthy = records.filter(({ outcome, revision }) => outcome === "healthy" && revision !== null && revision !== current.revision && revisions.some((known) => known.revision === revision))
  if (asked === null) {
    const earlier = healthy.filter((record) => record.content !== running?.content).at(-1)
    return earlier === undefined ? { refusal: `no earlier revision with another content than revision ${current.revision} was recorded as proven healthy` } : { record: earlier }
  }
  if (asked === current.revision) return { refusal: `revision ${asked} is what runs` }
  if (!revisions.some(({ revision }) => revision === asked)) return { refusal: `Helm has no revision ${asked}` }
  const named = healthy.findLast(({ revision }) => revision === asked)
  if (named !== undefined) return { record: named }
  const record = recordOf(records, asked)
  return { refusal: record === undefined ? `nothing is recorded about revision ${asked}, so nobody knows whether it was healthy` : `revision ${asked} was not proven healthy: ${record.outcome}${record.reason === "" ? "" : `, ${record.reason}`}` }
}
