/** One stretch of a profile: the load goes to `percent` of the target within `seconds`; without seconds it jumps there. */
export interface LoadStage {
  readonly percent: number
  readonly seconds: number
}

/** The shape of a load, whatever the target is. */
export interface LoadProfile {
  readonly stages: readonly LoadStage[]
  /** `open`: iterations begin at a rate, however slow the target is. `closed`: users who wait for their answers. */
  readonly model: "closed" | "open"
  /** Ends when a limit is crossed, and is judged by how far it came. */
  readonly findsLimit: boolean
  /** Judged by whether it grows slower with time, too. */
  readonly judgesSlope: boolean
}

/** The target that all profiles are parts of. */
export interface LoadTarget {
  readonly users: number
  /** Pause of a user after each iteration of the closed model. */
  readonly thinkSeconds: number
}

export const DEFAULT_TARGET: LoadTarget = { users: 100, thinkSeconds: 1 }

const minutes = (percent: number, count: number): LoadStage => ({ percent, seconds: count * 60 })
const seconds = (percent: number, count: number): LoadStage => ({ percent, seconds: count })
const shape = (stages: readonly LoadStage[], more: Partial<LoadProfile> = {}): LoadProfile => ({ stages, model: "closed", findsLimit: false, judgesSlope: false, ...more })

/** What a repository without perf/profiles.json gets; the file of this one says the same. */
export const DEFAULT_PROFILES: Readonly<Record<string, LoadProfile>> = {
  smoke: shape([seconds(2, 0), seconds(2, 30)]),
  load: shape([minutes(10, 2), minutes(50, 5), minutes(100, 5), minutes(100, 5), minutes(0, 2)]),
  stress: shape([minutes(100, 2), minutes(100, 5), minutes(150, 2), minutes(150, 5), minutes(200, 2), minutes(200, 5), minutes(50, 2), minutes(50, 2)]),
  spike: shape([seconds(10, 0), minutes(10, 1), seconds(400, 10), minutes(400, 1), seconds(10, 10), minutes(10, 2)]),
  soak: shape([minutes(100, 2), minutes(100, 118)], { judgesSlope: true }),
  breakpoint: shape([minutes(1000, 20)], { model: "open", findsLimit: true }),
}

/** What `--vus` or `--rate` alone ask for: all of it, from the first second to the last. */
export const CONSTANT_PROFILE: LoadProfile = shape([seconds(100, 0), minutes(100, 5)])
