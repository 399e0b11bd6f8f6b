import { UsageError } from "../errors.js"
import { durationText, parseDuration } from "./duration.js"

/** The words of a call of `perf`, as they came. */
export interface PerfFlags {
  readonly vus: number | null
  readonly rate: number | null
  readonly duration: string
  readonly profile: string
  readonly scenario: string
  readonly baseUrl: string
  readonly confirm: string
  readonly distributed: number
}

/** What a call asks for; null where it leaves the choice to the files of the load tests. */
export interface LoadRequest {
  readonly users: number | null
  /** Iterations begun each second. */
  readonly ratePerSecond: number | null
  readonly seconds: number | null
  readonly profile: string | null
  readonly scenario: string | null
  readonly baseUrl: string | null
  /** The environment that the caller named once more. */
  readonly confirmed: string | null
  /** Machines of a cluster that send the load; 0 for the one container of this call. */
  readonly distributed: number
}

export const NO_FLAGS: PerfFlags = { vus: null, rate: null, duration: "", profile: "", scenario: "", baseUrl: "", confirm: "", distributed: 0 }

// Beyond these a number is a slip of the finger: k6 takes 1 to 5 MB for each user.
const LOAD_LIMITS = { users: 20_000, ratePerSecond: 50_000, seconds: 48 * 3600, runners: 100 }
const LEAST_SECONDS = 5

/** Reads the flags; everything that is wrong with them is one error, before anything is sent or deployed. */
export function readLoadRequest(flags: PerfFlags): LoadRequest {
  const problems = [
    numberProblem("--vus", flags.vus, "users", LOAD_LIMITS.users),
    numberProblem("--rate", flags.rate, "iterations begun each second", LOAD_LIMITS.ratePerSecond),
    numberProblem("--distributed", flags.distributed === 0 ? null : flags.distributed, "runners", LOAD_LIMITS.runners),
    durationProblem(flags.duration),
    nameProblem("--profile", flags.profile),
    nameProblem("--scenario", flags.scenario),
    urlProblem(flags.baseUrl),
  ].filter((problem) => problem !== null)
  if (problems.length > 0) throw new UsageError(problems.join("\n"))
  const given = (text: string): string | null => (text === "" ? null : text)
  return {
    users: flags.vus,
    ratePerSecond: flags.rate,
    seconds: flags.duration === "" ? null : parseDuration(flags.duration),
    profile: given(flags.profile),
    scenario: given(flags.scenario),
    baseUrl: given(flags.baseUrl.replace(/\/+$/, "")),
    confirmed: given(flags.confirm),
    distributed: flags.distributed,
  }
}

function numberProblem(flag: string, value: number | null, what: string, most: number): string | null {
  if (value === null || (Number.isInteger(value) && value >= 1 && value <= most)) return null
  return `${flag}: expected the number of ${what}, 1 to ${most}, got ${value}.`
}

function durationProblem(text: string): string | null {
  if (text === "") return null
  const expected = `--duration: expected a time with its unit, ${LEAST_SECONDS}s to ${durationText(LOAD_LIMITS.seconds)}, such as 30s, 5m or 1h30m`
  const seconds = parseDuration(text)
  if (seconds === null) return `${expected}, got ${JSON.stringify(text)}.${/^\d+$/.test(text) ? ` Did you mean ${text}s?` : ""}`
  return seconds >= LEAST_SECONDS && seconds <= LOAD_LIMITS.seconds ? null : `${expected}, got ${text}.`
}

function nameProblem(flag: string, name: string): string | null {
  if (name === "" || /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(name)) return null
  return `${flag}: expected a name of letters, digits, dashes and underscores, got ${JSON.stringify(name)}.`
}

function urlProblem(url: string): string | null {
  if (url === "" || /^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/.test(url)) return null
  // Not shown where it may hold a password.
  const got = url.includes("@") ? "one with an account in it, which would stand in every log" : JSON.stringify(url)
  return `--base-url: expected an http or https address without account, query and fragment, such as https://staging.example.org, got ${got}.`
}
