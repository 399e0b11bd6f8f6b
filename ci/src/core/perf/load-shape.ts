import type { PlannedStage } from "../plan.js"
import { CONSTANT_PROFILE, DEFAULT_PROFILES, type LoadProfile, type LoadStage, type LoadTarget } from "./load-profiles.js"
import type { LoadRequest } from "./load-request.js"

/** The load of one call over time, with all its numbers. */
export interface LoadShape {
  readonly profile: string
  readonly model: "closed" | "open"
  readonly seconds: number
  /** At 100 percent: users of the closed model, and the rate of the open one. */
  readonly users: number
  readonly ratePerSecond: number
  /** Percent of the target at points in time, with straight lines between. */
  readonly points: readonly (readonly [seconds: number, percent: number])[]
  readonly thinkSeconds: number
  /** Most users at once that the open model may take to keep its rate. */
  readonly userLimit: number
  readonly findsLimit: boolean
  readonly judgesSlope: boolean
}

const SMOKE = "smoke"
const CONSTANT = "constant"
const MOST_USERS_OF_A_RATE = 2000

/** The profile by its name; null when there is none. `constant` is what `--vus` and `--rate` alone mean. */
export function chosenProfile(request: LoadRequest, profiles: Readonly<Record<string, LoadProfile>>): { readonly name: string; readonly profile: LoadProfile } | null {
  const constant = request.users !== null || request.ratePerSecond !== null
  const name = request.profile ?? (constant ? CONSTANT : SMOKE)
  const profile = name === CONSTANT ? CONSTANT_PROFILE : Object.hasOwn(profiles, name) ? profiles[name] : undefined
  return profile === undefined ? null : { name, profile }
}

/**
 * The load that a call asks for: the profile's shape, of the target's or the call's size, in the profile's or the call's time.
 * A rate follows from users by Little's law, with an answer that takes just what the limit allows: rate = users / (pause + answer).
 */
export function shapeLoad(request: LoadRequest, { name, profile }: { readonly name: string; readonly profile: LoadProfile }, target: LoadTarget, limitSeconds: number): LoadShape {
  const model = request.ratePerSecond !== null ? "open" : request.users !== null && !profile.findsLimit ? "closed" : profile.model
  const users = (request.ratePerSecond === null ? request.users : null) ?? target.users
  const ratePerSecond = request.ratePerSecond ?? users / (target.thinkSeconds + limitSeconds)
  const points = pointsOf(profile.stages, request.seconds)
  const peak = Math.max(...points.map(([, percent]) => percent)) / 100
  const needed = Math.ceil(ratePerSecond * peak * limitSeconds * 4)
  return {
    profile: name,
    model,
    seconds: points.at(-1)?.[0] ?? 0,
    users,
    ratePerSecond,
    points,
    thinkSeconds: model === "closed" ? target.thinkSeconds : 0,
    userLimit: (request.ratePerSecond === null ? null : request.users) ?? Math.min(Math.max(needed, 10), MOST_USERS_OF_A_RATE),
    findsLimit: profile.findsLimit,
    judgesSlope: profile.judgesSlope,
  }
}

function pointsOf(stages: readonly LoadStage[], wantedSeconds: number | null): LoadShape["points"] {
  const total = stages.reduce((sum, stage) => sum + stage.seconds, 0)
  const scale = wantedSeconds === null ? 1 : wantedSeconds / total
  const [first] = stages
  const points: [number, number][] = [[0, first?.seconds === 0 ? first.percent : 0]]
  let at = 0
  for (const stage of first?.seconds === 0 ? stages.slice(1) : stages) {
    at += stage.seconds * scale
    points.push([Math.round(at * 1000) / 1000, stage.percent])
  }
  return points
}

/** Whether the load goes beyond the target on purpose. */
export const goesBeyond = ({ points, findsLimit }: LoadShape): boolean => !findsLimit && points.some(([, percent]) => percent > 100)

/** Users at a percentage; somebody is there whenever anybody should be. */
export const usersAt = (shape: LoadShape, percent: number): number => (percent === 0 ? 0 : Math.max(1, Math.round((shape.users * percent) / 100)))

/** Iterations begun each second at a percentage. k6 takes whole numbers. */
export const rateAt = (shape: LoadShape, percent: number): number => (percent === 0 ? 0 : Math.max(1, Math.round((shape.ratePerSecond * percent) / 100)))

/** Most users at once that the load asks for. */
export function peakUsers(shape: LoadShape): number {
  return shape.model === "open" ? shape.userLimit : Math.max(...shape.points.map(([, percent]) => usersAt(shape, percent)))
}

/** The area below the line: users times seconds, or all iterations that a rate begins. */
export function loadArea(shape: LoadShape): number {
  const height = (percent: number): number => (shape.model === "open" ? rateAt(shape, percent) : usersAt(shape, percent))
  return shape.points.reduce((area, [at, percent], index) => {
    const [before, from] = shape.points[index - 1] ?? [at, percent]
    return area + ((height(percent) + height(from)) / 2) * (at - before)
  }, 0)
}

const AROUND_LOAD_SECONDS = 300

/** Gives a load that a call asks for the time that it takes: nobody should have to raise a limit for `--duration 2h` or a soak test. */
export function withLoadTime(plan: readonly PlannedStage[], request: LoadRequest): readonly PlannedStage[] {
  const profile = chosenProfile(request, DEFAULT_PROFILES)?.profile
  const seconds = request.seconds ?? profile?.stages.reduce((sum, stage) => sum + stage.seconds, 0) ?? 0
  return plan.map((row) => (row.stage === "perf" ? { ...row, timeoutSeconds: Math.max(row.timeoutSeconds, Math.ceil(seconds) + AROUND_LOAD_SECONDS) } : row))
}
