import { createServer, type Server } from "node:http"
import { ownAddress } from "./ports.js"

/** What a target of a load test does wrong. */
export type TargetFault = "none" | "404" | "error page" | "slow" | "errors"

export interface LoadTargetServer {
  readonly address: string
  /** Headers of the last request. */
  readonly lastHeaders: () => Readonly<Record<string, string | string[] | undefined>>
  readonly requests: () => number
  readonly close: () => Promise<void>
}

const SLOW_MS = 1300

/** A small product behind an address that containers of the engine reach: a page, and documents that are stored. */
export async function serveLoadTarget(fault: TargetFault): Promise<LoadTargetServer> {
  let count = 0
  let last: Readonly<Record<string, string | string[] | undefined>> = {}
  const server: Server = createServer((request, response) => {
    count += 1
    last = request.headers
    request.resume()
    const [status, type, body] = answer(fault, request.method ?? "GET", request.url ?? "/", count)
    setTimeout(() => response.writeHead(status, { "content-type": type }).end(body), fault === "slow" ? SLOW_MS : 0)
  })
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "0.0.0.0", resolve))
  const { port } = server.address() as { port: number }
  return {
    address: `http://${ownAddress()}:${port}`,
    lastHeaders: () => last,
    requests: () => count,
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }
}

function answer(fault: TargetFault, method: string, url: string, count: number): readonly [number, string, string] {
  if (fault === "404") return [404, "text/plain", "not found"]
  if (fault === "error page") return [200, "text/html", "<h1>we are sorry</h1>"]
  if (fault === "errors" && count % 4 === 0) return [500, "application/json", "{}"]
  if (url === "/") return [200, "text/html", "<h1>hello</h1>"]
  return method === "POST" ? [201, "application/json", '{"id":"1"}'] : [200, "application/json", "[]"]
}
