// The image mirror that the engine pulls from: Debian's docker-registry behind a door that builds what is asked for.
import { createServer, request } from "node:http"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { paths } from "./paths.mjs"
import { inRootfs } from "./rootfs.mjs"

/** Where the engine pulls: read-only, and it builds what is asked for. */
export const mirrorPort = 7717
/** Where the kit itself pushes and looks: on the loopback, out of the containers' reach. */
export const workshop = "127.0.0.1:7718"
const socket = join(paths.run, "registry.sock")

/** Starts docker-registry on a socket of its own; it ends with this process. */
export function startRegistry(log) {
  rmSync(socket, { force: true })
  mkdirSync(paths.registry, { recursive: true })
  const configuration = join(paths.run, "registry.yml")
  writeFileSync(configuration, JSON.stringify({ version: 0.1, log: { level: "warn", accesslog: { disabled: true } }, storage: { filesystem: { rootdirectory: paths.registry }, delete: { enabled: true } }, http: { net: "unix", addr: socket } }))
  const command = inRootfs(["docker-registry", "serve", configuration])
  return spawn("setpriv", ["--pdeathsig", "KILL", ...command], { stdio: ["ignore", log, log] })
}

export async function registryAnswers() {
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 50))
}

const forward = (incoming, outgoing) => {
  const forwarded = request({ socketPath: socket, path: incoming.url, method: incoming.method, headers: incoming.headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  forwarded.on("error", (error) => refuse(outgoing, 502, `the mirror's registry does not answer: ${error.message}`))
  incoming.pipe(forwarded)
}

const refuse = (outgoing, status, message) => {
  outgoing.writeHead(status, { "content-type": "application/json" })
  outgoing.end(JSON.stringify({ errors: [{ code: "UNKNOWN", message }] }))
}

function listen(server, port, host) {
  server.requestTimeout = 0 // an image may take many minutes to build
  return new Promise((resolve, reject) => {
    server.on("error", (error) => reject(new Error(`cannot listen on ${host}:${port}: ${error.message}`)))
    server.listen(port, host, () => resolve(server))
  })
}

/**
 * The mirror as the engine sees it. Before a question for a tag's manifest is passed on, it waits for `provide(repository, tag)`,
 * which resolves at once for what it does not know: then the registry's own 404 is the answer.
 */
export function openMirror(host, provide) {
  const server = createServer(async (incoming, outgoing) => {
    if (incoming.method !== "GET" && incoming.method !== "HEAD") return refuse(outgoing, 405, "this mirror is read-only")
    const asked = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec((incoming.url ?? "").split("?")[0])
    try {
      if (asked && !asked[2].startsWith("sha256:")) await provide(asked[1], asked[2])
    } catch (error) {
      return refuse(outgoing, 500, `the kit could not build this image: ${error.message}`)
    }
    forward(incoming, outgoing)
  })
  return listen(server, mirrorPort, host)
}

/** The same registry as the kit's image builds see it. */
export function openWorkshop() {
  const [host, port] = workshop.split(":")
  return listen(createServer(forward), Number(port), host)
}
