import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, it, vi } from "vitest"
import { K6Traffic } from "../../controller/src/traffic.js"

const folder = mkdtempSync(join(tmpdir(), "k6-"))
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

describe("requests of our own", () => {
  it("are begun again after the kernel has killed them, and that is said", async () => {
    const started = join(folder, "started")
    writeFileSync(join(folder, "k6"), `#!/bin/sh\necho $$ >> ${started}\nexec sleep 600\n`)
    chmodSync(join(folder, "k6"), 0o755)
    vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`)
    const pids = (): readonly string[] => readFileSync(started, "utf8").trim().split("\n")
    const said: string[] = []
    const traffic = new K6Traffic({ script: "users.js", requestsPerSecond: 5, gatewayUrl: "http://127.0.0.1:1", track: "canary", everybody: true, summaryFile: join(folder, "k6.json") }, (line) => said.push(line))
    try {
      await traffic.keepUp("everybody")
      await vi.waitFor(() => expect(pids().length).toBe(1))
      process.kill(Number(pids()[0]), "SIGKILL")
      await vi.waitFor(() => expect(said).toContainEqual(expect.stringMatching(/^k6 ended with SIGKILL/)))
      await traffic.keepUp("everybody")
      await vi.waitFor(() => expect(pids().length).toBe(2))
    } finally {
      await traffic.keepUp("nobody")
    }
  })
})
