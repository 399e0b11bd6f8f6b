import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { judgeStart } from "../../../src/core/gates/start.js"
import { START_SCRIPT } from "../../../src/core/gates/start-script.js"
import { execOutcome } from "../support.js"

const EXPECTED = { health: "/health/live", port: 8080, startSeconds: 30 }
const judge = (stderr: string, log = "one\ntwo\n", exitCode = 1) => judgeStart(execOutcome("npm start", exitCode, log, stderr), EXPECTED)

describe("the gate of a started service", () => {
  it("passes with the time that it took", () => {
    expect(judge("delivery-start answered 0 1234\n", "", 0)).toMatchObject({ verdict: "passed", reason: "answered /health/live after 1.2 s" })
  })

  it.each<[string, string, string, RegExp]>([
    ["exits 0", "exited 0 400", "failed", /^npm start starts and exits 0 after 0\.4 s without an answer to GET \/health\/live on port 8080\. Its last lines:\none\ntwo$/],
    ["exits 3", "exited 3 400", "failed", /^npm start starts and exits 3 .*one\ntwo$/s],
    ["is broken by a signal of its own making", "exited 139 400", "failed", /exits 139/],
    ["is killed", "exited 137 400", "error", /was killed \(137\)/],
    ["is not there", "exited 127 5", "error", /was not found in the image: two/],
    ["may not be executed", "exited 126 5", "error", /cannot be executed/],
    ["answers another status", "unanswered 0 30100 status 503; listening: 8080 ", "failed", /did not answer GET \/health\/live on port 8080 with 200 within 30 s: status 503\. `health`/],
    ["listens elsewhere", "unanswered 0 30100 nothing listens on this port; listening: 9999 9999 ", "failed", /nothing listens on this port, but on 9999\. /],
  ])("of one that %s", (_, report, verdict, reason) => {
    const gate = judge(`delivery-start ${report}\n`)
    expect(gate.verdict).toBe(verdict)
    expect(gate.reason).toMatch(reason)
  })

  it("says so when the service wrote nothing", () => {
    expect(judge("delivery-start exited 0 400\n", "").reason).toMatch(/port 8080\. It wrote nothing$/)
  })

  it("is an error when the check itself says nothing", () => {
    expect(judge("", "", 124).verdict).toBe("error")
    expect(judge("bash: not that one\n", "", 2)).toMatchObject({ verdict: "error", reason: "the start check of npm start ended with 2 and no result: bash: not that one" })
  })
})

// bash 5 is what the check runs with in its container; a Mac has an older one.
const hasBash = spawnSync("bash", ["-c", "exit $((BASH_VERSINFO[0] < 5))"]).status === 0

describe.runIf(hasBash)("the check itself, on real services", () => {
  const folder = mkdtempSync(join(tmpdir(), "delivery-start-"))
  const script = join(folder, "check")
  writeFileSync(script, START_SCRIPT)
  afterAll(() => rmSync(folder, { recursive: true }))

  const freePort = () =>
    new Promise<number>((resolve) => {
      const probe = createServer().listen(0, "127.0.0.1", () => {
        const { port } = probe.address() as { port: number }
        probe.close(() => resolve(port))
      })
    })
  const start = async (program: string, startSeconds = 3, host = "") => {
    const port = await freePort()
    const server = program.replaceAll("PORT", String(port)).replaceAll("HOST", host)
    const { status, stdout, stderr } = spawnSync("bash", [script, String(port), "/health/live?a=b", String(startSeconds), process.execPath, "-e", server], { encoding: "utf8" })
    const gate = judgeStart({ argv: ["node", "server.mjs"], exitCode: status ?? -1, stdout, stderr }, { health: "/health/live?a=b", port, startSeconds })
    return { gate, status, stdout, port }
  }
  const http = (answer: string) => `console.log("listening"); console.error("on stderr"); require("http").createServer((q, s) => { ${answer} }).listen(PORT, "HOST")`

  const hosts = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === "::1")) ? ["127.0.0.1", "0.0.0.0", "::", "::1"] : ["127.0.0.1", "0.0.0.0"]

  it.each(hosts)("finds a service that listens on %s, and stops it", async (host) => {
    const { gate, status, stdout, port } = await start(http(`console.log(q.method, q.url, q.headers.host); s.end()`), 10, host)
    expect(gate).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/^answered \/health\/live\?a=b after \d\.\d s$/) as string })
    expect(status).toBe(0)
    expect(stdout).toContain(`listening\non stderr\nGET /health/live?a=b localhost:${port}\n`)
    await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow("fetch failed")
  })

  it("waits for one that takes its time", async () => {
    const { gate } = await start(`setTimeout(() => { ${http("s.end()")} }, 800)`, 10)
    expect(gate.verdict).toBe("passed")
  })

  it.each<[string, string, string, RegExp]>([
    ["exits 0", `console.log("done already")`, "failed", /^node server\.mjs starts and exits 0 .*done already$/s],
    ["crashes", `console.error("no such table"); process.exit(3)`, "failed", /exits 3 .*no such table$/s],
    ["answers 404", http("s.writeHead(404).end()"), "failed", /: status 404\. /],
    ["answers 500 at first and never 200", http("s.writeHead(500).end()"), "failed", /: status 500\. /],
    ["accepts and says nothing", `require("net").createServer((c) => c.on("error", () => 0)).listen(PORT)`, "failed", /: a connection without an answer\. /],
    ["speaks no HTTP", `require("net").createServer((c) => c.on("error", () => 0).end("220 mail\\r\\n")).listen(PORT)`, "failed", /: an answer that is not HTTP\. /],
    ["listens nowhere", `console.log("busy"); setInterval(() => 0, 1000)`, "failed", /: nothing listens on this port.*busy$/s],
    ["ignores SIGTERM", `process.on("SIGTERM", () => 0); ${http("s.end()")}`, "passed", /^answered/],
  ])("judges one that %s", async (_, program, verdict, reason) => {
    const { gate } = await start(program, 1)
    expect(gate.reason).toMatch(reason)
    expect(gate.verdict).toBe(verdict)
  })

  it("tells the port of one that listens elsewhere", async () => {
    const elsewhere = await freePort()
    const { gate } = await start(http("s.end()").replace("PORT", String(elsewhere)), 1)
    expect(gate.reason).toMatch(new RegExp(`nothing listens on this port, but on .*\\b${elsewhere}\\b`)) // the host may open others meanwhile
  })
})
