// Over real HTTP, against a server that keeps comments as GitLab and GitHub do.
import { createServer, type IncomingMessage, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, it } from "vitest"
import type { ForgeConfig } from "../../ci/src/core/config/ci.js"
import { tellRun } from "../../ci/src/core/forge/forge.js"
import { forgeRequest } from "../../ci/src/edges/forge-request.js"

const COMMIT = "a".repeat(40)
const TOKEN = "planted-token-1b9f"
const servers: Server[] = []
afterEach(() => servers.splice(0).forEach((server) => server.close()))

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = ""
  for await (const chunk of request) text += String(chunk)
  return text
}

interface Host {
  readonly forge: ForgeConfig
  readonly seen: string[]
  readonly bodies: Record<string, unknown>[]
  readonly comments: { id: number; body: string }[]
  readonly tokens: unknown[]
}

async function host(kind: ForgeConfig["kind"], answers: { status?: number; requests?: object[] } = {}): Promise<Host> {
  const seen: string[] = []
  const bodies: Record<string, unknown>[] = []
  const comments: { id: number; body: string }[] = []
  const tokens: unknown[] = []
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const path = (request.url ?? "").replace(/\?.*$/, "")
      const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>
      seen.push(`${request.method} ${path}`)
      tokens.push(request.headers["private-token"] ?? request.headers.authorization)
      if (text !== "") bodies.push(body)
      const isComments = /\/(notes|comments)$/.test(path)
      if (request.method === "POST" && isComments) comments.push({ id: comments.length + 1, body: String(body["body"]) })
      const id = /\/(?:notes|comments)\/(\d+)$/.exec(path)?.[1]
      const changed = comments.find((comment) => comment.id === Number(id))
      if (changed !== undefined) changed.body = String(body["body"])
      const answer = request.method !== "GET" ? {} : isComments ? comments : (answers.requests ?? [])
      response.writeHead(answers.status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(answer))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  return { forge: { kind, api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, project: "acme/shop", token: "FORGE_TOKEN" }, seen, bodies, comments, tokens }
}

const red = { commit: COMMIT, verdict: "failed", reason: "test:web: 1 of 3 tests failed" } as const
const green = { commit: COMMIT, verdict: "passed", reason: "3 stages passed" } as const
const tell = ({ forge }: Host, run: typeof red | typeof green, summary = "# summary"): Promise<readonly string[]> => tellRun(forge, run, "pipeline", summary, forgeRequest(forge, TOKEN))

describe("GitLab", () => {
  const requests = [{ iid: 7, state: "opened" }, { iid: 3, state: "merged" }]

  it("gets a status and one comment of the open merge request, which the next run writes anew", async () => {
    const gitlab = await host("gitlab", { requests })
    expect(await tell(gitlab, red, "# red")).toEqual(["told gitlab: the status delivery/pipeline, and merge request 7"])
    expect(gitlab.seen.slice(0, 2)).toEqual([`POST /projects/acme%2Fshop/statuses/${COMMIT}`, `GET /projects/acme%2Fshop/repository/commits/${COMMIT}/merge_requests`])
    expect(gitlab.bodies[0]).toEqual({ state: "failed", name: "delivery/pipeline", description: "failed: test:web: 1 of 3 tests failed" })
    await tell(gitlab, green, "# green")
    expect(gitlab.comments).toEqual([{ id: 1, body: "<!-- delivery/pipeline -->\n# green" }])
    expect(new Set(gitlab.tokens)).toEqual(new Set([TOKEN]))
  })
})

describe("GitHub", () => {
  it("gets a status and one comment of the open pull request, which the next run writes anew", async () => {
    const github = await host("github", { requests: [{ number: 12, state: "open" }] })
    await tell(github, red)
    await tell(github, green, "# green")
    expect(github.seen).toContain(`POST /repos/acme/shop/statuses/${COMMIT}`)
    expect(github.seen.at(-1)).toBe("PATCH /repos/acme/shop/issues/comments/1")
    expect(github.bodies[0]).toEqual({ state: "failure", context: "delivery/pipeline", description: "failed: test:web: 1 of 3 tests failed" })
    expect(github.comments).toEqual([{ id: 1, body: "<!-- delivery/pipeline -->\n# green" }])
    expect(new Set(github.tokens)).toEqual(new Set([`Bearer ${TOKEN}`]))
  })

  it("gets no more than it takes", async () => {
    const github = await host("github", { requests: [{ number: 12, state: "open" }] })
    await tell(github, { ...red, reason: "x".repeat(500) as typeof red.reason }, "y".repeat(100_000))
    expect(String(github.bodies[0]?.["description"]).length).toBe(140)
    expect(github.comments[0]?.body.length).toBeLessThan(65_536)
    expect(github.comments[0]?.body).toContain("the rest is in the reports")
  })
})

describe("a host that refuses", () => {
  it.each([401, 404, 500])("answers %d, and the error names the question and not the token", async (status) => {
    const gitlab = await host("gitlab", { status })
    const error = await tell(gitlab, red).catch((thrown: unknown) => String(thrown))
    expect(error).toBe(`Error: POST /projects/acme%2Fshop/statuses/${COMMIT} was answered ${status}`)
  })

  it("is not asked about a commit that nobody knows", async () => {
    const gitlab = await host("gitlab")
    expect(await tellRun(gitlab.forge, { ...red, commit: "unknown" }, "pipeline", "", forgeRequest(gitlab.forge, TOKEN))).toEqual(["nothing was told to gitlab: the commit is not known"])
    expect(gitlab.seen).toEqual([])
  })
})
