import { smokeChecks, STRANGER_PATH, type CheckedService, type SmokeAttempt, type SmokeResponse } from "../core/gates/smoke.js"
import type { SmokeCheck } from "../core/config/smoke.js"
import { kubeRequest, type KubeConnection } from "./kube-request.js"

const SETTLE_MS = 15_000
const PAUSE_MS = 500

/** Where the checks go. */
export interface SmokeTarget {
  readonly connection: KubeConnection
  readonly namespace: string
  /** Name of the Helm release: a service's Service is `<release>-<service>`. */
  readonly release: string
  /** Null where delivery.yaml gives no address. */
  readonly gatewayUrl: string | null
  /** Pods of this track alone, through their own Services and their own route. */
  readonly track?: string
}

/** The header by which the gateway sends a request to a track, whatever its weight is. */
export const TRACK_HEADER = "x-delivery-track"

/** Asks every service through its Service, and the routed ones through the gateway as a user would. */
export async function smokeAttempts(services: readonly CheckedService[], { connection, namespace, release, gatewayUrl, track }: SmokeTarget): Promise<readonly SmokeAttempt[]> {
  const attempts: SmokeAttempt[] = []
  for (const service of services) {
    const name = `${release}-${service.name}${track === undefined ? "" : `-${track}`}`
    const base = `/api/v1/namespaces/${namespace}/services/${name}:80/proxy`
    const [ready, ...others] = smokeChecks(service)
    for (const check of ready === undefined ? others : [ready, ...others]) {
      const asked = await attempt(service, check, `service ${name}${check.path}`, () => throughService(connection, base, check))
      attempts.push(check === ready ? { ...asked, strangerBody: await strangerBody(connection, base) } : asked)
      if (gatewayUrl !== null && isRouted(service, check)) {
        attempts.push(await attempt(service, check, `gateway ${check.path}`, () => throughGateway(gatewayUrl, check, track)))
      }
    }
  }
  return attempts
}

export const smokeLog = (attempts: readonly SmokeAttempt[]): string =>
  attempts.map(({ url, check, response, error }) => `${check.method} ${url} -> ${response === null ? error : `${response.status} in ${Math.round(response.latencyMs)} ms`}\n`).join("")

function isRouted(service: CheckedService, check: SmokeCheck): boolean {
  return service.routes.some((route) => check.path === route || check.path.startsWith(route.endsWith("/") ? route : `${route}/`))
}

/** What a path gets that nobody has: a service that gives 200 and the same page to everything is not known to be well. */
async function strangerBody(connection: KubeConnection, base: string): Promise<string | null> {
  const answer = await kubeRequest(connection, "GET", `${base}${STRANGER_PATH}`, { timeoutMs: 5000 }).catch(() => null)
  return answer?.status === 200 ? answer.body : null
}

/** One check; a route that the gateway has only just learnt gets some seconds to appear. */
async function attempt(service: CheckedService, check: SmokeCheck, url: string, ask: () => Promise<SmokeResponse>): Promise<SmokeAttempt> {
  const giveUp = Date.now() + SETTLE_MS
  for (;;) {
    const answer = await ask().catch((error: unknown) => (error instanceof Error ? describe(error) : String(error)))
    const unsettled = typeof answer === "string" || (answer.status === 404 && check.status !== 404) || answer.status === 503
    if (!unsettled || Date.now() > giveUp) {
      const facts = { service: service.name, check, url }
      return typeof answer === "string" ? { ...facts, response: null, error: answer } : { ...facts, response: answer, error: null }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

const describe = (error: Error): string => (error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message)

async function throughService(connection: KubeConnection, base: string, check: SmokeCheck): Promise<SmokeResponse> {
  const started = performance.now()
  const body = check.body === null || check.body === undefined ? {} : { body: JSON.stringify(check.body) }
  const answer = await kubeRequest(connection, check.method, `${base}${check.path}`, { ...body, timeoutMs: check.maximumLatencyMs + 5000 })
  return { ...answer, latencyMs: performance.now() - started }
}

async function throughGateway(gateway: string, check: SmokeCheck, track: string | undefined): Promise<SmokeResponse> {
  const started = performance.now()
  const hasBody = check.body !== null && check.body !== undefined
  const headers = { ...(hasBody ? { "content-type": "application/json" } : {}), ...(track === undefined ? {} : { [TRACK_HEADER]: track }) }
  const answer = await fetch(new URL(check.path, gateway), { method: check.method, headers, ...(hasBody ? { body: JSON.stringify(check.body) } : {}), redirect: "manual", signal: AbortSignal.timeout(check.maximumLatencyMs + 5000) })
  return { status: answer.status, body: await answer.text(), headers: Object.fromEntries(answer.headers), latencyMs: performance.now() - started }
}
