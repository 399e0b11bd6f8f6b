import type { DeployStrategy } from "../config/strategy.js"
import { rolloutPlan } from "../canary/rollout-plan.js"
import { stepsText } from "../canary/rollout-status.js"
import { NGINX_LEGACY } from "../route/canary-ingress.js"
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
  /** The phase before, with the new release on a track of its own; null where there is none. */
  readonly track?: PlanTrack | null
}

interface PlanTrack {
  readonly name: string
  readonly live: string
  readonly services: readonly string[]
  /** The revision that a rollout which fails goes back to. */
  readonly captured: number
  readonly rendered: readonly KubeObject[]
  readonly dryRun: readonly KubeObject[]
}

/** What a rollout does before stable is touched. */
export interface PlanPhase extends Pick<PlanTrack, "name" | "live" | "services" | "captured" | "rendered"> {
  readonly objects: readonly ObjectChange[]
}

/** What a person approves, and what `deploy --plan` is held against. */
export interface DeployPlan extends PlanSubject {
  readonly schemaVersion: 1
  readonly objects: readonly ObjectChange[]
  /** Null for a release that is rolled out. */
  readonly phase: PlanPhase | null
  /** Rendered objects, and the live ones that they replace; masked. */
  readonly rendered: readonly KubeObject[]
  readonly live: readonly KubeObject[]
}

export function makeDeployPlan({ rendered, live, dryRun, gone, track = null, ...facts }: PlanFacts): DeployPlan {
  const own = rendered.filter(({ metadata }) => metadata.annotations?.["helm.sh/hook"] === undefined)
  const replicasOfOthers = new Set(own.filter((object) => asMap(object["spec"])["replicas"] === undefined).map(objectKey))
  const readLive = live.map((object) => maskLive(object, replicasOfOthers.has(objectKey(object))))
  const phase = track === null ? null : { name: track.name, live: track.live, services: track.services, captured: track.captured, objects: diffObjects(live, track.dryRun, []), rendered: inKeyOrder(track.rendered.map((object) => maskObject(object))) }
  return { schemaVersion: 1, ...facts, phase, objects: diffObjects(live, dryRun ?? own, gone), rendered: inKeyOrder(rendered.map((object) => maskObject(object))), live: inKeyOrder(readLive) }
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
export function planHashText({ objects: _, phase, ...plan }: DeployPlan): string {
  const { objects: _differences, ...phaseFacts } = phase ?? { objects: [] }
  return canonicalJson({ ...plan, ...(phase === null ? {} : { phase: phaseFacts }) })
}

export const renderPlanJson = (plan: DeployPlan, hash: string): string => `${JSON.stringify({ hash, ...plan }, null, 2)}\n`

export function renderPlanText(plan: DeployPlan, hash: string): string {
  const { environment, namespace, release, commit, revision, strategy, objects } = plan
  const head = [`plan ${hash}`, `environment ${environment}, namespace ${namespace}, release ${release}, commit ${commit}`, `strategy ${strategy.kind}, on ${revision === null ? "nothing" : `revision ${revision}`}: ${countActions(objects)}`]
  const body = plan.phase === null ? ["", renderDiff(objects)] : rolloutText(plan, plan.phase)
  return `${[...head, ...body].join("\n")}\n`
}

/** Every phase with its objects, every step with the requests that it takes. */
function rolloutText({ strategy, commit, objects }: DeployPlan, phase: PlanPhase): readonly string[] {
  const steps = strategy.kind === "rolling" ? [] : stepsText(rolloutPlan(strategy, commit, []))
  const router = strategy.kind === "rolling" ? undefined : strategy.router
  return [
    "",
    `phase 1: ${phase.services.join(", ")} as track ${phase.name} beside ${phase.live}, at weight 0, asked through its own ${router === "replicas" ? "Services" : "route"}`,
    renderDiff(phase.objects),
    "",
    "phase 2: the traffic, if stable has no errors:",
    ...(router === "nginx" ? [`  ${NGINX_LEGACY}`] : router === "replicas" ? ["  no router: each weight is the ratio of ready pods, by its true figure"] : []),
    ...steps.map((step) => `  ${step}`),
    `  at too little evidence: ${strategy.kind === "rolling" ? "" : strategy.inconclusive}; the way back: weight 0, then revision ${phase.captured}`,
    "",
    strategy.kind === "canary" ? "phase 3: stable becomes this release while the track carries; phase 4: the weight is 0 again and the track gone" : `phase 3: ${phase.name} is what runs, ${phase.live} is gone`,
    renderDiff(objects),
  ]
}

const PLAN_HASH = /^[0-9a-f]{64}$/

/** Why a plan that somebody names cannot be applied; null when it is the one that holds now. */
export function planRefusal(asked: string, now: string): string | null {
  if (!PLAN_HASH.test(asked)) return `--plan: expected the 64 hexadecimal digits that deploy-plan printed, got ${JSON.stringify(asked.slice(0, 80))}`
  if (asked === now) return null
  return `plan ${asked.slice(0, 12)} no longer holds: release, chart, values or cluster have moved since, and the plan is now ${now.slice(0, 12)}. Nothing was written. Run deploy-plan again, look at its difference, and have it approved.`
}
