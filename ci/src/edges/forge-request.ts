import type { ForgeConfig } from "../core/config/ci.js"
import { forgeHeaders, type ForgeRequest } from "../core/forge/forge.js"

const LIMIT_MS = 10_000

/** Asks the API of a code host. */
export function forgeRequest({ api, kind }: ForgeConfig, token: string): ForgeRequest {
  return async (method, path, body) => {
    const headers = { ...forgeHeaders(kind, token), "content-type": "application/json" }
    const answer = await fetch(`${api}${path}`, { method, headers, redirect: "error", signal: AbortSignal.timeout(LIMIT_MS), ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}`)
    return answer.json()
  }
}
