import type { TrafficRouter } from "../config/strategy.js"
import { canonicalJson } from "../deploy/kube-object.js"
import type { RolloutFacts, TrackName } from "./stored-rollout.js"

/** What a release's values say about each service, to be laid over those of the release that runs. */
export type TrackServices = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export type TrackFacts = Pick<RolloutFacts, "track" | "commit" | "services" | "router">

/** What the chart is told of who carries the weight; nothing where it is the one that a chart knows without being told. */
export const routerValues = (router: TrafficRouter | undefined): object => (router === undefined || router === "gateway" ? {} : { router })

/** Values that put a track beside what runs; nothing in them touches a pod of another track. */
export function trackOverlay({ track, commit, services, router }: TrackFacts, all: TrackServices): object {
  return { tracks: { enabled: true, ...routerValues(router), [track]: { enabled: true, commit, services: Object.fromEntries(services.map((name) => [name, ofTrack(track, all[name] ?? {})])) } } }
}

/** Which track is live is no track's own. A canary's pods are as many as its weight needs: whoever moves that scales them. */
function ofTrack(track: TrackName, service: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const others = track === "canary" ? ["live", "replicas", "autoscaling"] : ["live"]
  return Object.fromEntries(Object.entries(service).filter(([key]) => !others.includes(key)))
}

/** Values with which a colour is what runs, and the one before it gone. */
export function liveOverlay(facts: TrackFacts, all: TrackServices): object {
  return { ...trackOverlay(facts, all), services: Object.fromEntries(facts.services.map((name) => [name, { live: facts.track }])) }
}

/** The colour without traffic. */
export const idleColour = (live: string): "blue" | "green" => (live === "green" ? "blue" : "green")

/** A service as far as the choice needs to know it. */
export interface LinkedService {
  readonly name: string
  readonly routes: readonly string[]
  readonly dependsOn: readonly string[]
}

/**
 * The services of a track: those that changed, and those on a way from a route to one of them, since a track's pods call
 * each other. Where nothing of the services themselves changed, such as with a new chart, all of them.
 */
export function servicesOfTrack(services: readonly LinkedService[], changed: readonly string[]): readonly string[] {
  const reaches = (name: string, seen: readonly string[] = []): boolean => {
    if (changed.includes(name)) return true
    const next = services.find((service) => service.name === name)?.dependsOn ?? []
    return next.filter((peer) => !seen.includes(peer)).some((peer) => reaches(peer, [...seen, name]))
  }
  const routed = new Set<string>()
  const follow = (name: string): void => {
    if (routed.has(name)) return
    routed.add(name)
    services.find((service) => service.name === name)?.dependsOn.forEach(follow)
  }
  services.filter(({ routes }) => routes.length > 0).forEach(({ name }) => follow(name))
  const chosenNames = services.map(({ name }) => name).filter((name) => routed.has(name) && reaches(name))
  return chosenNames.length === 0 ? services.map(({ name }) => name) : chosenNames
}

/** `services` of several values, later ones laid over earlier ones, as Helm does it: lists are replaced, null takes a key away. */
export function mergedServices(values: readonly unknown[]): TrackServices {
  return values.map((one) => (isMapping(one) ? one["services"] : undefined)).reduce<Readonly<Record<string, unknown>>>((all, services) => laidOver(all, isMapping(services) ? services : {}), {}) as TrackServices
}

function laidOver(base: Readonly<Record<string, unknown>>, over: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key]
    if (value === null) delete merged[key]
    else merged[key] = isMapping(before) && isMapping(value) ? laidOver(before, value) : value
  }
  return merged
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null && !Array.isArray(value)

/** Names of the services whose values differ between two releases; what has the traffic is no part of a release. */
export function changedServiceNames(running: TrackServices, wanted: TrackServices): readonly string[] {
  const own = (service: Readonly<Record<string, unknown>> | undefined): string => canonicalJson(Object.fromEntries(Object.entries(service ?? {}).filter(([key]) => key !== "live")))
  return Object.keys(wanted).filter((name) => !(name in running) || own(running[name]) !== own(wanted[name]))
}

/** The track that has the traffic: the same for all services, for they are switched in one write. */
export function liveTrack(running: TrackServices): TrackName {
  const names = Object.values(running).map(({ live }) => live)
  return names.find((name): name is "blue" | "green" => name === "blue" || name === "green") ?? "stable"
}
