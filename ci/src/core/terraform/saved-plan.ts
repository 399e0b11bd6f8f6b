import { canonicalJson } from "../deploy/kube-object.js"
import type { ResourceChange } from "./plan-changes.js"

/** What is known of a plan file, and what a person approves by its hash. */
export interface SavedPlan {
  readonly schemaVersion: 1
  readonly environment: string
  readonly commit: string
  /** Of the encrypted file. */
  readonly sha256: string
  readonly changes: readonly ResourceChange[]
}

/** The text that a plan's hash is made of. */
export const savedPlanText = (plan: SavedPlan): string => canonicalJson(plan)

/** Why a plan cannot be kept for an apply; null when it can. `providers`: those that it would run, `locked`: a lock file holds them still. */
export function unsavable({ encrypted, dirty, locked, providers }: { readonly encrypted: boolean; readonly dirty: boolean; readonly locked: boolean; readonly providers: readonly string[] }): string | null {
  if (!encrypted) return "delivery.yaml has no terraform.passphrase to encrypt it with"
  if (dirty) return "the checkout has changes that no commit holds"
  if (!locked && providers.length > 0) return `no .terraform.lock.hcl holds ${providers.join(", ")} still, so an apply might run another one; commit what \`tofu providers lock\` writes (docs/terraform.md)`
  return null
}

/** What was applied, and by whose leave: kept in the reports, whatever became of it. */
export interface ApplyRecord {
  readonly schemaVersion: 1
  readonly environment: string
  readonly commit: string
  readonly plan: string
  /** Empty where the environment needs no approval. */
  readonly approvedBy: string
  readonly confirmedLosses: readonly string[]
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly endedAt: string
  readonly outcome: "applied" | "not-at-its-end"
  readonly changes: readonly ResourceChange[]
}

export interface ApplyRequest {
  readonly environment: string
  readonly required: boolean
  readonly commit: string
  readonly dirty: boolean
  /** What the call said. */
  readonly asked: string
  readonly approvedBy: string
  readonly confirmed: readonly string[]
  /** What was found: the document, its hash, and that of the file beside it. */
  readonly plan: SavedPlan
  readonly hash: string
  readonly fileSha256: string
}

export type ApplyDecision = { readonly kind: "go" } | { readonly kind: "refused"; readonly reason: string } | { readonly kind: "needs-approval"; readonly reason: string }

const HASH = /^[0-9a-f]{64}$/

/** Whether a saved plan may be applied: the one that was named and approved, made from this commit, with every loss confirmed by its address. */
export function decideApply({ environment, required, commit, dirty, asked, approvedBy, confirmed, plan, hash, fileSha256 }: ApplyRequest): ApplyDecision {
  const refused = (reason: string): ApplyDecision => ({ kind: "refused", reason: `${reason} Nothing was applied.` })
  if (!HASH.test(asked)) return refused(`--plan: expected the 64 hexadecimal digits that terraform-plan printed, got ${JSON.stringify(asked.slice(0, 80))}.`)
  if (asked !== hash) return refused(`--plan: ${asked.slice(0, 12)} was named, and the saved plan is ${hash.slice(0, 12)}.`)
  if (fileSha256 !== plan.sha256) return refused("the plan file is not the one that its document speaks of.")
  if (plan.environment !== environment) return refused(`the plan is of ${plan.environment}, not of ${environment}.`)
  if (dirty) return refused("the checkout has changes that no commit holds; commit them and plan again.")
  if (plan.commit !== commit) return refused(`the plan was made from commit ${plan.commit.slice(0, 12)}, and the checkout is at ${commit.slice(0, 12)}; plan again.`)
  const unknown = confirmed.filter((address) => !plan.changes.some((change) => change.address === address && change.losesData))
  if (unknown.length > 0) return refused(`--confirm-loss: the plan loses no data of ${unknown.join(", ")}.`)
  if (required && approvedBy === "") return { kind: "needs-approval", reason: `${environment} needs an approval of plan ${hash}; nothing was applied. Approve it: --approved-by <who>` }
  const open = plan.changes.filter(({ address, losesData }) => losesData && !confirmed.includes(address))
  if (open.length > 0) return { kind: "needs-approval", reason: `data would be lost: ${open.map(({ address, action }) => `${action} ${address}`).join(", ")}; nothing was applied. Confirm each: ${open.map(({ address }) => `--confirm-loss '${address}'`).join(" ")}` }
  return { kind: "go" }
}

/** Reads what terraform-plan left; null when it is something else. */
export function parseSavedPlan(text: string): SavedPlan | null {
  try {
    const plan = JSON.parse(text) as Partial<SavedPlan>
    return plan.schemaVersion === 1 && typeof plan.sha256 === "string" && Array.isArray(plan.changes) ? (plan as SavedPlan) : null
  } catch {
    // Not JSON: told as such.
    return null
  }
}
