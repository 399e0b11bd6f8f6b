// The dead man's switch: while nobody renews the deadline on what carries the weight of a track, it sends every request to the live one.
import { createServer } from "node:http"
import { KubeConfig } from "@kubernetes/client-node"
import { carrierOfKind } from "../../../src/core/route/carriers.js"
import { watchRoute, type SwitchHealth } from "./dead-mans-switch.js"
import { routeClient } from "./route-client.js"

const setting = (name: string): string => {
  const value = process.env[name]
  if (value === undefined || value === "") throw new Error(`expected the environment variable ${name}, got none`)
  return value
}

const namespace = setting("ROUTE_NAMESPACE")
const names = setting("ROUTE_NAME").split(",")
const carrier = carrierOfKind(process.env["ROUTE_KIND"] ?? "HTTPRoute")
const pollMs = Number(setting("POLL_SECONDS")) * 1000
const config = new KubeConfig()
// In a pod its account; elsewhere KUBECONFIG.
config.loadFromDefault()

const say = (name: string, line: string): void => console.log(JSON.stringify({ time: new Date().toISOString(), route: `${namespace}/${name}`, message: line }))
const watched = names.map((name): { readonly name: string; readonly health: SwitchHealth } => ({ name, health: { seenAt: null } }))
const stop = new AbortController()
const server = createServer((request, response) => {
  // Three looks without an answer, and the least time that one may take: what cannot look must not count as armed.
  const isReady = watched.every(({ health: { seenAt } }) => seenAt !== null && performance.now() - seenAt < 3 * pollMs + 5000)
  response.statusCode = request.url === "/live" || (request.url === "/ready" && isReady) ? 200 : request.url === "/ready" ? 503 : 404
  response.end()
}).listen(Number(setting("PORT")))

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort())
await Promise.all(watched.map(({ name, health }) => watchRoute(routeClient(config, namespace, name, carrier), health, pollMs, stop.signal, (line) => say(name, line))))
server.close()
