// An advisory service for tests: the endpoints that audit tools ask, in sickness and in health.
// The first part of a path may be the mode that the rest is answered in, such as /refusing/-/npm/v1/security/audits.
// Packages are none of its business: who asks for one is sent on to the registry that npm is set up with here.
// usage: server.mjs [--host HOST] [--port PORT]     prints its address
import { execFileSync } from "node:child_process"
import { createServer } from "node:http"
import { parseArgs } from "node:util"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"
import { answer } from "./endpoints.mjs"
import { answerAsProxy } from "./proxy.mjs"

/** What becomes of a question that the healthy service would answer, by mode. */
export const MODES = {
  healthy: (response, healthyAnswer) => sendJson(response, 200, healthyAnswer),
  // A registry without the endpoint.
  refusing: (response) => response.writeHead(405, { allow: "GET,HEAD" }).end(),
  missing: (response) => sendJson(response, 404, { error: "not found" }),
  forbidden: (response) => sendJson(response, 401, { error: "authentication required" }),
  broken: (response) => sendJson(response, 500, { error: "internal server error" }),
  unavailable: (response) => response.writeHead(503, { "content-type": "text/plain" }).end("no healthy upstream"),
  // A portal that answers for everybody.
  rubbish: (response) => response.writeHead(200, { "content-type": "text/html" }).end("<html><body>Please log in</body></html>"),
  // JSON, but not an answer to what was asked.
  wrong: (response) => sendJson(response, 200, { status: "ok" }),
  empty: (response) => response.writeHead(200, { "content-type": "application/json" }).end(),
  cut: (response) => response.destroy(),
  hanging: () => undefined,
}

/** Listens until `close`; port 0 is one that is free. Where a question names no mode, the one of `answerAs` is taken. */
export async function startAdvisoryService({ host = "127.0.0.1", port = 0, registry = registryHere() } = {}) {
  const state = { mode: "healthy", questions: 0 }
  const server = createServer((request, response) => {
    serve(request, response, { registry, state }).catch((error) => sendJson(response, 400, { error: String(error) }))
  })
  const sockets = new Set()
  server.on("connection", (socket) => sockets.add(socket.once("close", () => sockets.delete(socket))))
  answerAsProxy(server)
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, host, resolve))
  const address = `${host}:${server.address().port}`
  const close = () => {
    const closed = new Promise((resolve) => server.close(resolve))
    // Questions that hang in us would keep us.
    for (const socket of sockets) socket.destroy()
    return closed
  }
  return {
    url: (mode = "") => `http://${address}${mode === "" ? "" : `/${mode}`}`,
    proxy: (mode = "") => `http://${mode === "" ? "" : `${mode}:@`}${address}`,
    answerAs: (mode) => {
      state.mode = mode
    },
    questions: () => state.questions,
    close,
  }
}

async function serve(request, response, { registry, state }) {
  const { pathname, search } = new URL(request.url, "http://service")
  const [, first = "", below = ""] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? []
  const isNamed = Object.hasOwn(MODES, first)
  const path = isNamed ? below : pathname
  const mode = isNamed ? first : request.socket.mode || state.mode
  if (request.method !== "POST") return response.writeHead(302, { location: `${registry}${path}${search}` }).end()
  state.questions += 1
  const body = await bodyOf(request)
  const healthyAnswer = answer(path, JSON.parse(body))
  if (healthyAnswer === null) return sendJson(response, 404, { error: `no endpoint ${path}` })
  MODES[mode](response, healthyAnswer)
}

async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  return (request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8")
}

function sendJson(response, status, value) {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value))
}

function registryHere() {
  const registry = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  return registry.trim().replace(/\/$/, "")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { host: { type: "string" }, port: { type: "string" } } })
  const service = await startAdvisoryService({ host: values.host, port: values.port === undefined ? undefined : Number(values.port) })
  console.log(`${service.url("MODE")} or, for yarn 1, as proxy ${service.proxy("MODE")}; modes: ${Object.keys(MODES).join(", ")}`)
}
