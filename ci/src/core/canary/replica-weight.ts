import { percentText } from "./judge-words.js"
import { shareTolerance } from "./observed-share.js"

/** A service whose pods share its traffic, and how many of them are of the release that runs. */
export interface StablePods {
  readonly service: string
  readonly stable: number
}

/** What whole pods can carry of an asked weight. */
export type ReplicaWeight =
  /** `pods` of the track by service; `weightPercent` is the share that they truly have, the most of any service. */
  | { readonly kind: "carried"; readonly weightPercent: number; readonly pods: Readonly<Record<string, number>>; readonly text: string }
  | { readonly kind: "refused"; readonly reason: string }

/** More stable pods than this are no advice. */
const MOST_PODS = 1000

/**
 * Without a router every ready pod gets an equal share, so a weight is a ratio of whole pods. The nearest one counts, by its own figure and not by the
 * one that was asked for; one that is farther off than a router would be believed at is refused. Everything is exact: the selector is the track's alone.
 */
export function replicaWeight(askedPercent: number, services: readonly StablePods[]): ReplicaWeight {
  const without = services.find(({ stable }) => stable < 1)
  if (without !== undefined) return { kind: "refused", reason: `${without.service}: expected at least 1 stable pod beside the track, got ${without.stable}` }
  const asked = askedPercent / 100
  const carried = services.map(({ service, stable }) => ({ service, stable, pods: nearestPods(asked, stable) }))
  const pods = Object.fromEntries(carried.map((one) => [one.service, one.pods]))
  if (asked >= 1) return { kind: "carried", weightPercent: 100, pods, text: "100 % by the selector" }
  const refused = carried.filter((one) => !isNear(asked, shareOf(one)))
  if (refused.length > 0) return { kind: "refused", reason: refused.map((one) => refusal(askedPercent, one)).join("; ") }
  const shares = carried.map(shareOf)
  const [least, most] = [Math.min(...shares), Math.max(...shares)]
  const words = carried.map((one) => `${one.service} ${one.pods} of ${one.stable + one.pods} pods, ${percentText(shareOf(one))}`).join("; ")
  // Which of them is asked more often nobody knows, so one figure must be true of all.
  if (most - least > shareTolerance(most) / 2) return { kind: "refused", reason: `${askedPercent} % asked; ${words}: refused, for no one figure is true of all: give the services the same number of stable pods` }
  return { kind: "carried", weightPercent: rounded(most), pods, text: words }
}

const shareOf = ({ stable, pods }: { readonly stable: number; readonly pods: number }): number => pods / (stable + pods)

/** As many as stable has for everything: they carry alone then. */
function nearestPods(asked: number, stable: number): number {
  return asked >= 1 ? stable : Math.max(1, Math.round((asked * stable) / (1 - asked)))
}

const isNear = (asked: number, share: number): boolean => Math.abs(share - asked) <= shareTolerance(asked) + 1e-9

function refusal(askedPercent: number, { service, stable, pods }: StablePods & { readonly pods: number }): string {
  const asked = askedPercent / 100
  const shareWith = (count: number): number => shareOf({ stable: count, pods: nearestPods(asked, count) })
  const counts = Array.from({ length: MOST_PODS }, (_, index) => index + 1)
  const exact = counts.find((count) => Math.abs(shareWith(count) - asked) < 1e-9)
  const near = counts.find((count) => isNear(asked, shareWith(count)))
  const rounding = near === undefined || near === exact ? "" : `, or ${near} for ${percentText(shareWith(near))}`
  const needs = exact === undefined && near === undefined ? "" : `, needs ${exact ?? near} stable pods${rounding}`
  return `${askedPercent} % asked; ${service}: with ${stable} stable pod${stable === 1 ? "" : "s"} ${pods} canary pod${pods === 1 ? " carries" : "s carry"} ${percentText(shareOf({ stable, pods }))}: refused${needs}`
}

/** What the ready pods carry now; null where a service has none of the track. */
export function carriedPercent(ready: readonly { readonly stable: number; readonly track: number }[]): number | null {
  if (ready.length === 0 || ready.some(({ track }) => track === 0)) return null
  return rounded(Math.max(...ready.map(({ stable, track }) => track / (stable + track))))
}

/** Whether what is carried may still go by what was asked for. */
export const isCarried = (askedPercent: number, weightPercent: number): boolean => isNear(askedPercent / 100, weightPercent / 100)

const rounded = (share: number): number => Math.round(share * 1000) / 10
