import type { DeployStrategy } from "../config/strategy.js"
import { asMap, canonicalJson, maskObject, objectKey, withoutServerFields, type KubeObject } from "./kube-object.js"
import { countActions, diffObjects, renderDiff, type ObjectChange } from "./object-diff.js"

/** What a plan is about. */
interface PlanSubject {
  readonly environment: string
  readonly namespace: string
  readonly release: string
  readonly commit: string
  readonly strategy: DeployStrategy
  /** Helm's newest revision; null before the first. */
  readonly revision: number | null
}

/** What a plan is made from. */
export interface PlanFacts extends PlanSubject {
  /** Every object of every phase as the chart renders it, hooks too. */
  readonly rendered: readonly KubeObject[]
  readonly live: readonly KubeObject[]
  /** The API server's answer to a dry run; null where it cannot be asked yet, for the namespace is still missing. */
  readonly dryRun: readonly KubeObject[] | null
  /** Keys of what the release has now and will not have. */
  readonly gone: readonly string[]
}

/** What a person approves, and what `deploy --plan` is held against. */
export interface DeployPlan extends PlanSubject {
  readonly schemaVersion: 1
  readonly objects: readonly ObjectChange[]
  /** Rendered objects, and the live ones that they replace; masked. */
  readonly rendered: readonly KubeObject[]
  readonly live: readonly KubeObject[]
}

export function makeDeployPlan({ rendered, live, dryRun, gone, ...facts }: PlanFacts): DeployPlan {
  const own = rendered.filter(({ metadata }) => metadata.annotations?.["helm.sh/hook"] === undefined)
  const replicasOfOthers = new Set(own.filter((object) => asMap(object["spec"])["replicas"] === undefined).map(objectKey))
  const readLive = live.map((object) => maskLive(object, replicasOfOthers.has(objectKey(object))))
  return { schemaVersion: 1, ...facts, objects: diffObjects(live, dryRun ?? own, gone), rendered: inKeyOrder(rendered.map((object) => maskObject(object))), live: inKeyOrder(readLive) }
}

/** A live object as far as a change of it means that the cluster has moved. */
function maskLive(object: KubeObject, othersSetReplicas: boolean): KubeObject {
  const masked = maskObject(withoutServerFields(object))
  // The values of a Secret are not in the plan, but that they changed is.
  if (object.kind === "Secret") return { ...masked, metadata: { ...masked.metadata, resourceVersion: object.metadata["resourceVersion"] } }
  if (!othersSetReplicas) return masked
  const { replicas: _, ...spec } = asMap(masked["spec"])
  return { ...masked, spec }
}

const inKeyOrder = (objects: readonly KubeObject[]): readonly KubeObject[] => [...objects].sort((one, other) => (objectKey(one) < objectKey(other) ? -1 : 1))

/** The text that a plan's hash is made of. The first release of all makes its namespace, and what the server fills in is not known before: so the differences are no part of it, what they follow from is. */
export function planHashText({ objects: _, ...plan }: DeployPlan): string {
  return canonicalJson(plan)
}

export const renderPlanJson = (plan: DeployPlan, hash: string): string => `${JSON.stringify({ hash, ...plan }, null, 2)}\n`

export function renderPlanText(plan: DeployPlan, hash: string): string {
  const { environment, namespace, release, commit, revision, strategy, objects } = plan
  const head = [`plan ${hash}`, `environment ${environment}, namespace ${namespace}, release ${release}, commit ${commit}`, `strategy ${strategy.kind}, on ${revision === null ? "nothing" : `revision ${revision}`}: ${countActions(objects)}`]
  return `${[...head, "", renderDiff(objects)].join("\n")}\n`
}

const PLAN_HASH = /^[0-9a-f]{64}$/

/** Why a plan that somebody names cannot be applied; null when it is the one that holds now. */
export function planRefusal(asked: string, now: string): string | null {
  if (!PLAN_HASH.test(asked)) return `--plan: expected the 64 hexadecimal digits that deploy-plan printed, got ${JSON.stringify(asked.slice(0, 80))}`
  if (asked === now) return null
  return `plan ${asked.slice(0, 12)} no longer holds: release, chart, values or cluster have moved since, and the plan is now ${now.slice(0, 12)}. Nothing was written. Run deploy-plan again, look at its difference, and have it approved.`
}
