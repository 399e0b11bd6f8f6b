import type { ServiceConfig } from "../config/services.js"
import type { SmokeCheck } from "../config/smoke.js"
import type { Finding, GateResult } from "../run.js"
import { counted, errorGate, failedGate, passedGate } from "./gate.js"

export interface SmokeResponse {
  readonly status: number
  readonly body: string
  /** By name in small letters. */
  readonly headers: Readonly<Record<string, string>>
  readonly latencyMs: number
}

/** One check with what came back; no response is a finding, for users would get none either. */
export interface SmokeAttempt {
  readonly service: string
  readonly check: SmokeCheck
  readonly url: string
  readonly response: SmokeResponse | null
  /** Why there is no response. */
  readonly error: string | null
  /** What the service answers, with 200, to a path that nobody has; null when it answers otherwise or was not asked. */
  readonly strangerBody?: string | null
}

/** A path that no service has. */
export const STRANGER_PATH = "/delivery-smoke-no-such-page"

/** A service as far as it is asked whether it is well: kept with the release, for whoever goes back to it asks what it was proven by. */
export type CheckedService = Pick<ServiceConfig, "name" | "ready" | "routes" | "smoke">

export const checkedServices = (services: readonly CheckedService[]): readonly CheckedService[] => services.map(({ name, ready, routes, smoke }) => ({ name, ready, routes, smoke }))

/** The checks of a service: that it is ready, and those of delivery.yaml. */
export function smokeChecks(service: CheckedService): readonly SmokeCheck[] {
  const ready: SmokeCheck = {
    name: "is ready",
    method: "GET",
    path: service.ready,
    body: null,
    status: 200,
    contains: null,
    json: {},
    headers: {},
    maximumLatencyMs: 5000,
  }
  return [ready, ...service.smoke]
}

/** The gate of `smoke`. */
export function judgeSmoke(attempts: readonly SmokeAttempt[]): GateResult {
  if (attempts.length === 0) return errorGate("no smoke check was made")
  const findings = attempts.flatMap(attemptFindings)
  const bad = new Set(findings.map((finding) => finding.rule)).size
  if (findings.length === 0) return passedGate(`${counted(attempts.length, "check")} passed`)
  const first = findings[0]
  return failedGate(`${bad} of ${counted(attempts.length, "check")} failed: ${first?.rule}: ${first?.message}`, findings)
}

function attemptFindings(attempt: SmokeAttempt): Finding[] {
  const rule = `${attempt.service} ${attempt.check.name}`
  return mismatches(attempt).map((message) => ({
    severity: "high",
    rule,
    message: `${attempt.check.method} ${attempt.url}: ${message}`,
    file: null,
    line: null,
  }))
}

/** Everything in which the answer differs from what was expected. */
function mismatches({ check, response, error, strangerBody = null }: SmokeAttempt): string[] {
  if (response === null) return [`no answer: ${error ?? "unknown reason"}`]
  const problems: string[] = []
  if (response.status !== check.status) problems.push(`expected status ${check.status}, got ${response.status}: ${excerpt(response.body)}`)
  if (check.contains !== null && !response.body.includes(check.contains)) {
    problems.push(`expected a text with ${JSON.stringify(check.contains)}, got ${excerpt(response.body)}`)
  }
  if (response.latencyMs > check.maximumLatencyMs) {
    problems.push(`expected an answer within ${check.maximumLatencyMs} ms, got one after ${Math.round(response.latencyMs)} ms`)
  }
  for (const [name, text] of Object.entries(check.headers)) {
    const got = response.headers[name]
    if (got?.includes(text) !== true) problems.push(`expected the header ${name} with ${JSON.stringify(text)}, got ${got === undefined ? "none" : JSON.stringify(got.slice(0, 100))}`)
  }
  if (strangerBody !== null && response.status === 200 && response.body === strangerBody) {
    problems.push(`expected an answer of its own, got the one that ${STRANGER_PATH} gets too: a service that answers 200 to everything proves nothing`)
  }
  return [...problems, ...jsonMismatches(check.json, response.body)]
}

function jsonMismatches(expected: Readonly<Record<string, unknown>>, body: string): string[] {
  if (Object.keys(expected).length === 0) return []
  let data: unknown
  try {
    data = JSON.parse(body)
  } catch {
    return [`expected JSON, got ${excerpt(body)}`]
  }
  return Object.entries(expected).flatMap(([path, value]) => {
    const got = JSON.stringify(valueAt(data, path.split("."))) ?? "nothing"
    return got === JSON.stringify(value) ? [] : [`expected \`${path}\` to be ${JSON.stringify(value)}, got ${got.slice(0, 100)}`]
  })
}

function valueAt(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined),
    data,
  )
}

function excerpt(body: string): string {
  return body.trim() === "" ? "an empty body" : JSON.stringify(body.trim().slice(0, 120))
}
