import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { call, closingLine, daggerw, ROOT } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"

describe("daggerw on a real engine", () => {
  it("says which engine and CLI it takes, and why", async () => {
    const ended = await daggerw(["--which"], { limitSeconds: 60 })
    expect(ended.status, ended.output).toBe(0)
    expect(ended.stdout).toMatch(/^engine: (environment|container|kit) \(.+\)\nCLI: \/\S+ \(.+\)\n$/)
  })

  it.each([
    { what: "a flag that does not exist", argv: ["test", "--servces", "hello"], says: "unknown flag: --servces" },
    { what: "a function that does not exist", argv: ["tset"], says: "tset" },
  ])("ends with 2, not 1, for $what", async ({ argv, says }) => {
    const ended = await call([`--source=${helloTree().path}`, ...argv])
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toContain(says)
    expect(closingLine(ended)).toBe("")
  })

  it("passes the credentials that delivery.yaml names, and tells their values nowhere", async () => {
    const run = newRun("credentials")
    const secrets = { REGISTRY_USERNAME: `user-${run.runId}`, REGISTRY_PASSWORD: `password-${run.runId}`.replaceAll("test-", "") }
    const ended = await call([`--source=${helloTree().path}`, `--run-id=${run.runId}`, "test"], { env: { ...secrets, DAGGER_PROGRESS: "plain" } })
    expect(ended.status, ended.output).toBe(0)
    const folder = join(ROOT, ".delivery/runs", run.runId)
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => statSync(join(folder, file)).isFile())
    const told = [ended.output, ...files.map((file) => readFileSync(join(folder, file), "utf8"))]
    expect(told.length).toBeGreaterThan(4)
    for (const secret of Object.values(secrets)) expect(told.some((text) => text.includes(secret))).toBe(false)
  })
})
