import { asMap, objectsOf, objectsOfYaml, objectKey, type KubeObject } from "../deploy/kube-object.js"
import { parseHelmHistory } from "../deploy/helm.js"
import { PLAN_STEPS, type PlanOutcomes, type PlanStep } from "../deploy/plan-steps.js"
import { plainSecrets } from "../deploy/plain-secrets.js"
import type { GateResult } from "../run.js"
import { lastLines } from "./exec.js"
import { errorGate, failedGate } from "./gate.js"

/** What the checks found out, or the gate of the first of them that did not pass. */
export type PlanChecks = { readonly gate: GateResult } | { readonly facts: CheckedPlan }

export interface CheckedPlan {
  readonly revision: number | null
  readonly rendered: readonly KubeObject[]
  readonly live: readonly KubeObject[]
  readonly dryRun: readonly KubeObject[] | null
  readonly gone: readonly string[]
  readonly workloads: readonly string[]
  /** Helm's word for what a killed one has left, such as `pending-upgrade`; null when there is none. */
  readonly pending: string | null
  /** What tells one release from another, whatever track it is on. */
  readonly content: readonly KubeObject[]
  /** The first phase of a rollout; null where there is one phase alone. */
  readonly track: { readonly rendered: readonly KubeObject[]; readonly dryRun: readonly KubeObject[] } | null
}

const SERVER_UNREACHABLE = /connection refused|i\/o timeout|unreachable|no such host|TLS handshake|context deadline exceeded|EOF$|Unauthorized|is forbidden: User|must be logged in/i
const NO_RELEASE = /release: not found/
// What a killed Helm leaves. `deploy` repairs it before it writes; until then Helm answers nothing else.
const PENDING = /another operation \(install\/upgrade\/rollback\) is in progress/

/** Judges lint, render, secrets, ownership and the API server's own dry run; `clearSecrets` says whether the chart may bring secrets, as in an environment that dies with the call. */
export async function judgePlanChecks(outcomes: PlanOutcomes, clearSecrets: boolean): Promise<PlanChecks> {
  const broken = PLAN_STEPS.map((step) => stepGate(step, outcomes)).find((gate) => gate !== null)
  if (broken !== undefined) return { gate: broken }
  const out = (step: PlanStep): string => (outcomes[step]?.exitCode === 0 ? outcomes[step].stdout : "")
  const rendered = await objectsOfYaml(out("render"))
  if (rendered.length === 0) return { gate: errorGate("the chart renders no object: there is nothing to deploy") }
  const secrets = clearSecrets ? [] : plainSecrets(rendered)
  if (secrets.length > 0) return { gate: failedGate(`${secrets[0]?.message}${secrets.length > 1 ? ` (and ${secrets.length - 1} more)` : ""}`, secrets) }
  const own = new Set(rendered.map(objectKey))
  const phase = outcomes.track === undefined ? null : { rendered: await objectsOfYaml(out("track")), dryRun: objectsOf(out("track-dry-run")) }
  const had = await objectsOfYaml(out("manifest"))
  const kept = (object: KubeObject): boolean => object.metadata.annotations?.["helm.sh/resource-policy"] === "keep"
  const last = parseHelmHistory(out("history")).at(-1)
  return {
    facts: {
      revision: last?.revision ?? null,
      pending: last?.status.startsWith("pending-") === true ? last.status : null,
      rendered,
      live: objectsOf(out("live")),
      dryRun: outcomes["dry-run"] === undefined ? null : objectsOf(out("dry-run")),
      gone: had.filter((object) => !own.has(objectKey(object)) && !kept(object)).map(objectKey),
      workloads: rendered.filter(({ kind, spec }) => (kind === "Deployment" || kind === "StatefulSet") && asMap(spec)["replicas"] !== 0).map(({ metadata }) => metadata.name),
      content: outcomes.content === undefined ? rendered : await objectsOfYaml(out("content")),
      track: phase,
    },
  }
}

function stepGate(step: PlanStep, outcomes: PlanOutcomes): GateResult | null {
  const outcome = outcomes[step]
  if (outcome === undefined || outcome.exitCode === 0) return null
  const { exitCode, stdout, stderr } = outcome
  if ((step === "history" || step === "manifest") && NO_RELEASE.test(stderr)) return null
  if (step === "helm" && PENDING.test(stderr)) return null
  const said = lastLines(step === "lint" ? stdout + stderr : stderr, 6).replace(/\s+/g, " ").slice(0, 700)
  // What the API server refuses is a fault of the chart; that it cannot be asked is not.
  if (SERVER_UNREACHABLE.test(stderr) || exitCode > 1) return errorGate(`${step}: ${said}`)
  if (step === "history" || step === "manifest" || step === "live") return errorGate(`${step}: ${said}`)
  const missingKind = /no matches for kind "([^"]+)" in version "([^"]+)"/.exec(stderr)
  if (missingKind !== null) return failedGate(`the cluster has no ${missingKind[1]} (${missingKind[2]}): install its CustomResourceDefinition, or switch the object off in the environment's values`)
  return failedGate(`${step === "lint" ? "helm lint" : step === "dry-run" || step === "track-dry-run" ? "dry run" : `helm, ${step}`}: ${said}`)
}
