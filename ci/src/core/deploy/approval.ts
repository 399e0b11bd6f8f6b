import type { GateResult } from "../run.js"

/** How long an approval holds. */
export const APPROVAL_HOURS = 24

/** That somebody has approved one plan, as the cluster remembers it. */
export interface Approval {
  readonly plan: string
  readonly approvedBy: string
  /** ISO 8601, UTC, like `expiresAt`. */
  readonly approvedAt: string
  readonly expiresAt: string
}

export interface ApprovalRequest {
  readonly environment: string
  readonly required: boolean
  /** Hash of the plan that holds now. */
  readonly plan: string
  /** What the call said; empty when it did not. */
  readonly askedPlan: string
  readonly approvedBy: string
  readonly recorded: readonly Approval[]
  /** ISO 8601, UTC. */
  readonly now: string
}

export type ApprovalDecision =
  | { readonly kind: "not-required" }
  | { readonly kind: "recorded"; readonly approval: Approval }
  /** Given by this call: to be recorded before anything else is written. */
  | { readonly kind: "given"; readonly approvedBy: string }
  | { readonly kind: "missing"; readonly reason: string }

/** Whether the plan may be applied: approved by this call, or by an earlier one that is not too old. */
export function decideApproval({ environment, required, plan, askedPlan, approvedBy, recorded, now }: ApprovalRequest): ApprovalDecision {
  if (!required) return { kind: "not-required" }
  const how = `Approve it: deploy --environment ${environment} --plan ${plan} --approved-by <who>`
  if (askedPlan === "") return { kind: "missing", reason: `${environment} needs an approval of plan ${plan}; nothing was written. ${how}` }
  if (approvedBy !== "") return { kind: "given", approvedBy }
  const known = recorded.filter((approval) => approval.plan === plan)
  const valid = known.find(({ expiresAt }) => expiresAt > now)
  if (valid !== undefined) return { kind: "recorded", approval: valid }
  const last = known.at(-1)
  const why = last === undefined ? "nobody has approved" : `the approval by ${last.approvedBy} ended ${last.expiresAt}:`
  return { kind: "missing", reason: `${environment}: ${why} plan ${plan}; nothing was written. ${how}` }
}

/** The approvals with one more, without those that have ended. */
export function withApproval(recorded: readonly Approval[], approval: Approval): readonly Approval[] {
  return [...recorded.filter(({ plan, expiresAt }) => plan !== approval.plan && expiresAt > approval.approvedAt), approval]
}

export function missingApprovalGate(reason: string): GateResult {
  return { verdict: "awaiting-approval", skipKind: null, reason, findings: [] }
}
