import { createServer, type Server } from "node:http"

/** Keeps the state of tofu's http backend, with locks, for as long as a test runs. */
export interface StateServer {
  readonly url: string
  readonly states: Map<string, string>
  /** Lock infos by path, as the one who holds a lock wrote them. */
  readonly locks: Map<string, string>
  readonly server: Server
}

export async function startStateServer(host: string): Promise<StateServer> {
  const states = new Map<string, string>()
  const locks = new Map<string, string>()
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").replace(/\?.*$/, "")
    const chunks: Buffer[] = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8")
      const answer = (status: number, text = ""): void => void response.writeHead(status, { "content-type": "application/json" }).end(text)
      const held = locks.get(path)
      if (request.method === "LOCK" && held !== undefined) return answer(423, held)
      if (request.method === "LOCK") locks.set(path, body)
      if (request.method === "UNLOCK") locks.delete(path)
      if (request.method === "POST") states.set(path, body)
      if (request.method === "GET" && !states.has(path)) return answer(404)
      answer(200, request.method === "GET" ? states.get(path) : "")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("the state server has no port")
  return { url: `http://${host}:${address.port}`, states, locks, server }
}
