import { judgeSmoke, smokeChecks, type SmokeAttempt, type SmokeResponse } from "../../core/gates/smoke.js"
import type { ServiceConfig } from "../../core/config/services.js"
import type { SmokeCheck } from "../../core/config/smoke.js"
import { textFile } from "../exec.js"
import { kubeRequest } from "../kube-request.js"
import { chartOf, environmentOf, type StageWork } from "../run.js"
import type { Target } from "../target.js"

const SETTLE_MS = 15_000
const PAUSE_MS = 500

/** Asks every service through its Service, and the routed ones through the gateway as a user would. */
export const smoke: StageWork = async (run, planned) => {
  const { services } = run.checkout.config
  const chart = chartOf(run)
  const environment = environmentOf(run, planned)
  const target = await run.target(environment.name)
  const attempts: SmokeAttempt[] = []
  for (const service of Object.values(services)) {
    const base = `/api/v1/namespaces/${environment.namespace}/services/${chart.release}-${service.name}:80/proxy`
    for (const check of smokeChecks(service)) {
      attempts.push(await attempt(service, check, `service ${chart.release}-${service.name}${check.path}`, () => throughService(target, base, check)))
      const gateway = target.ownGatewayUrl
      if (gateway !== null && isRouted(service, check)) {
        attempts.push(await attempt(service, check, `gateway ${check.path}`, () => throughGateway(gateway, check)))
      }
    }
  }
  const lines = attempts.map(({ url, check, response, error }) => `${check.method} ${url} -> ${response === null ? error : `${response.status} in ${Math.round(response.latencyMs)} ms`}`)
  return { gate: judgeSmoke(attempts), evidence: textFile(`logs/smoke-${planned.environment}.log`, `${lines.join("\n")}\n`) }
}

function isRouted(service: ServiceConfig, check: SmokeCheck): boolean {
  return service.routes.some((route) => check.path === route || check.path.startsWith(route.endsWith("/") ? route : `${route}/`))
}

/** One check; a route that the gateway has only just learnt gets some seconds to appear. */
async function attempt(service: ServiceConfig, check: SmokeCheck, url: string, ask: () => Promise<SmokeResponse>): Promise<SmokeAttempt> {
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

async function throughService(target: Target, base: string, check: SmokeCheck): Promise<SmokeResponse> {
  const started = performance.now()
  const body = check.body === null || check.body === undefined ? {} : { body: JSON.stringify(check.body) }
  const answer = await kubeRequest(target.connection, check.method, `${base}${check.path}`, { ...body, timeoutMs: check.maximumLatencyMs + 5000 })
  return { ...answer, latencyMs: performance.now() - started }
}

async function throughGateway(gateway: string, check: SmokeCheck): Promise<SmokeResponse> {
  const started = performance.now()
  const body = check.body === null || check.body === undefined ? {} : { body: JSON.stringify(check.body), headers: { "content-type": "application/json" } }
  const answer = await fetch(new URL(check.path, gateway), { method: check.method, ...body, redirect: "manual", signal: AbortSignal.timeout(check.maximumLatencyMs + 5000) })
  return { status: answer.status, body: await answer.text(), latencyMs: performance.now() - started }
}
