import { createHash } from "node:crypto"
import { dag, type Container, type Directory } from "@dagger.io/dagger"
import { UsageError } from "../../core/errors.js"
import { errorGate, failedGate, passedGate } from "../../core/gates/gate.js"
import { missingApprovalGate } from "../../core/deploy/approval.js"
import type { Finding, GateResult } from "../../core/run.js"
import type { Step, StepOutcome } from "../../core/steps/step.js"
import { policyData } from "../../core/terraform/check-steps.js"
import { judgeLiveSteps } from "../../core/terraform/judge-live.js"
import { judgeTool } from "../../core/terraform/judge-tools.js"
import { rootOf, type TerraformFolder } from "../../core/terraform/layout.js"
import { applySteps, driftSteps, ENCRYPTION, PASSPHRASE_VARIABLE, PLAN_FILE, PLAN_JSON, planSteps } from "../../core/terraform/live-steps.js"
import { TERRAFORM_PLACES } from "../../core/terraform/places.js"
import { driftedResources, planChanges, planProviders, readPlan, type ResourceChange } from "../../core/terraform/plan-changes.js"
import { countChanges, renderChanges } from "../../core/terraform/plan-text.js"
import type { CallRow } from "../../core/terraform/rows-run.js"
import { decideApply, parseSavedPlan, savedPlanText, unsavable, type ApplyRecord, type SavedPlan } from "../../core/terraform/saved-plan.js"
import { conftestOf } from "../../core/terraform/tool-reports.js"
import { commandLog, nextNonce, runKept, uncached, type ExecLimits } from "../exec.js"
import { today, type Run } from "../run.js"
import type { CallResult } from "./check.js"
import { infrastructureOf, terraformOf, terraformTools } from "./tools.js"

const { tree, data, plans } = TERRAFORM_PLACES
const LIVE_TIMEOUT_SECONDS = 3600

/** An environment that tofu can work on: its root, and a container with the sources, the credentials and what encrypts plans. */
interface LiveRoot {
  readonly root: TerraformFolder
  readonly container: Container
  /** Its providers are held still by a lock file. */
  readonly locked: boolean
  readonly encrypted: boolean
  readonly limits: ExecLimits
}

async function openRoot(run: Run, environment: string, providers: Directory | null): Promise<LiveRoot> {
  const config = terraformOf(run)
  const { path, source, layout } = await infrastructureOf(run)
  const root = rootOf(layout, path, environment)
  const limits = { runId: run.header.runId, timeoutSeconds: LIVE_TIMEOUT_SECONDS }
  const variables = { ...config.credentials[environment], ...(config.passphrase === null ? {} : { [PASSPHRASE_VARIABLE]: config.passphrase }) }
  const missing = [...new Set(Object.values(variables))].filter((name) => !run.credentials.has(name))
  if (missing.length > 0) throw new UsageError(`delivery.yaml names credentials that this call did not bring: ${missing.join(", ")}. Set them in the environment; without daggerw add --credentials env:NAME for each.`)
  let container = uncached(await terraformTools(run, providers), nextNonce(run.header.runId))
    .withDirectory(tree, source)
    .withNewFile(`${data}/${root.name}.json`, policyData(run.checkout.config.environments[environment]?.approval === "required"))
    .withDirectory(plans, dag.directory())
  for (const [variable, name] of Object.entries(variables)) {
    const secret = run.credentials.get(name)
    if (secret !== undefined) container = container.withSecretVariable(variable, secret)
  }
  return { root, container, locked: await source.exists(`${root.folder}/.terraform.lock.hcl`), encrypted: config.passphrase !== null, limits }
}

const stepsIn = ({ container, encrypted, limits }: LiveRoot, steps: readonly Step[]) => runKept(container, [steps], limits, encrypted ? { before: ENCRYPTION } : {})

const rowOf = (stage: string, environment: string, gate: GateResult, outcomes: readonly StepOutcome[]): CallRow => ({ stage, environment, gate, cached: false, durationSeconds: Math.round(outcomes.reduce((sum, { seconds }) => sum + seconds, 0) * 10) / 10 })

// Nothing to read is not nothing to do.
const UNREADABLE_PLAN = errorGate("tofu show wrote no plan that can be read")

const planDigest = (text: string): string => createHash("sha256").update(text).digest("hex")

/** Says what an apply would do, and keeps the plan, encrypted, for terraform-apply. */
export async function planTerraform(run: Run, environment: string, providers: Directory | null): Promise<CallResult & { readonly preface: string }> {
  const live = await openRoot(run, environment, providers)
  const steps = planSteps(live.root, live.locked)
  const { outcomes, container } = await stepsIn(live, steps)
  const log = dag.directory().withNewFile(`logs/terraform-plan-${environment}.log`, commandLog(outcomes))
  const broken = judgeLiveSteps(outcomes, steps.length, LIVE_TIMEOUT_SECONDS)
  const shown = broken === null ? readPlan(await container.file(PLAN_JSON).contents()) : null
  if (shown === null) return { rows: [rowOf("terraform-plan", environment, broken ?? UNREADABLE_PLAN, outcomes)], evidence: log, preface: "" }
  const changes = planChanges(shown, terraformOf(run).keep)
  const digest = outcomes.find(({ name }) => name === "digest")?.stdout.split(" ")[0] ?? ""
  const plan: SavedPlan = { schemaVersion: 1, environment, commit: run.header.commit, sha256: digest, changes }
  const hash = planDigest(savedPlanText(plan))
  const policy = outcomes.find(({ name }) => name === "policy")
  const limits = { exceptions: terraformOf(run).exceptions, today: today(), level: "moderate" as const }
  const judged = changes.length === 0 ? passedGate("nothing to do") : judgeTool("conftest", conftestOf(policy, null), "rule", limits).gate
  const why = unsavable({ encrypted: live.encrypted, dirty: run.header.dirty, locked: live.locked, providers: planProviders(shown) })
  const head = why === null ? `terraform plan ${hash}\n` : `terraform plan, not saved: ${why}\n`
  const text = `${head}${environment}, commit ${run.header.commit}\n${renderChanges(changes)}\n`
  const rows = [rowOf("terraform-plan", environment, passedGate(countChanges(changes)), outcomes), rowOf("policy", environment, judged, policy === undefined ? [] : [policy])]
  const told = log.withNewFile(`terraform/${environment}.txt`, text)
  if (why !== null) return { rows, evidence: told, preface: `${text}\n` }
  const saved = told.withFile(`terraform/${environment}.tfplan`, container.file(PLAN_FILE)).withNewFile(`terraform/${environment}.plan.json`, `${JSON.stringify(plan, null, 2)}\n`).withNewFile(`plans/terraform-${environment}.hash`, `${hash}\n`)
  return { rows, evidence: saved, preface: `${text}\n` }
}

export interface ApplyOptions {
  readonly environment: string
  readonly saved: Directory
  readonly plan: string
  readonly approvedBy: string
  readonly confirmed: readonly string[]
}

/** Applies a saved plan, and nothing else. */
export async function applyTerraform(run: Run, { environment, saved, plan: asked, approvedBy, confirmed }: ApplyOptions, providers: Directory | null): Promise<CallResult> {
  const live = await openRoot(run, environment, providers)
  const empty = dag.directory()
  const only = (gate: GateResult): CallResult => ({ rows: [rowOf("terraform-apply", environment, gate, [])], evidence: empty })
  if (!live.encrypted) return only(errorGate("delivery.yaml has no terraform.passphrase, so there can be no saved plan to apply"))
  const files = await saved.entries()
  const [planFile, document] = [`${environment}.tfplan`, `${environment}.plan.json`]
  const absent = [planFile, document].filter((name) => !files.includes(name))
  if (absent.length > 0) return only(errorGate(`--saved: expected the folder terraform/ of the reports of terraform-plan, got one without ${absent.join(", ")}`))
  const plan = parseSavedPlan(await saved.file(document).contents())
  if (plan === null) return only(errorGate(`--saved: ${document} is none that terraform-plan wrote`))
  const withPlan = { ...live, container: live.container.withFile(PLAN_FILE, saved.file(planFile)) }
  const { outcomes: digests } = await stepsIn(withPlan, [{ name: "digest", argv: ["sha256sum", PLAN_FILE] }])
  const required = run.checkout.config.environments[environment]?.approval === "required"
  const decision = decideApply({ environment, required, commit: run.header.commit, dirty: run.header.dirty, asked, approvedBy, confirmed, plan, hash: planDigest(savedPlanText(plan)), fileSha256: digests[0]?.stdout.split(" ")[0] ?? "" })
  if (decision.kind === "refused") return only(errorGate(decision.reason))
  if (decision.kind === "needs-approval") return only(missingApprovalGate(decision.reason))
  const steps = applySteps(live.root, live.locked)
  const startedAt = new Date().toISOString()
  const { outcomes } = await stepsIn(withPlan, steps)
  const broken = judgeLiveSteps(outcomes, steps.length, LIVE_TIMEOUT_SECONDS)
  const gate = broken ?? passedGate(`plan ${asked.slice(0, 12)}${approvedBy === "" ? "" : `, approved by ${approvedBy}`}: ${countChanges(plan.changes)}, done`)
  const record: ApplyRecord = { schemaVersion: 1, environment, commit: plan.commit, plan: asked, approvedBy, confirmedLosses: confirmed, startedAt, endedAt: new Date().toISOString(), outcome: broken === null ? "applied" : "not-at-its-end", changes: plan.changes }
  const evidence = empty.withNewFile(`logs/terraform-apply-${environment}.log`, commandLog(outcomes)).withNewFile(`terraform/${environment}.applied.json`, `${JSON.stringify(record, null, 2)}\n`)
  return { rows: [rowOf("terraform-apply", environment, gate, outcomes)], evidence }
}

/** Compares an environment with what was applied there last. */
export async function terraformDrift(run: Run, environment: string, providers: Directory | null): Promise<CallResult> {
  const live = await openRoot(run, environment, providers)
  const steps = driftSteps(live.root, live.locked)
  const { outcomes, container } = await stepsIn(live, steps)
  const evidence = dag.directory().withNewFile(`logs/terraform-drift-${environment}.log`, commandLog(outcomes))
  const broken = judgeLiveSteps(outcomes, steps.length, LIVE_TIMEOUT_SECONDS)
  const shown = broken === null ? readPlan(await container.file(PLAN_JSON).contents()) : null
  const gate = broken ?? (shown === null ? UNREADABLE_PLAN : driftGate(driftedResources(shown)))
  return { rows: [rowOf("terraform-drift", environment, gate, outcomes)], evidence }
}

function driftGate(drifted: readonly ResourceChange[]): GateResult {
  if (drifted.length === 0) return passedGate("as it was applied")
  const findings = drifted.map(({ address, action, fields }): Finding => ({ severity: "high", rule: "drift", message: action === "destroy" ? `${address} is not there any more` : `${address} differs: ${fields.join(", ")}`, file: null, line: null }))
  return failedGate(`${drifted.length} of the resources are not as they were applied: ${findings[0]?.message ?? ""}`, findings)
}
