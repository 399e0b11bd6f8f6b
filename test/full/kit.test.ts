import { existsSync, readFileSync, statSync } from "node:fs"
import { setTimeout as wait } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { killGroup } from "../support/command.js"
import { call, daggerw, newRunId } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { hostTraces, keeperPid, kitEngine, startKitEngine } from "../support/kit.js"
import type { Tree } from "../support/trees.js"

const { stdout: which } = await daggerw(["--which"])
const resolver = (): unknown => ({ text: readFileSync("/etc/resolv.conf", "utf8"), inode: statSync("/etc/resolv.conf").ino, changed: statSync("/etc/resolv.conf").mtimeMs })
const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}`)

// These tests stop and kill the engine that every clone of this user shares.
describe.runIf(which.startsWith("engine: kit"))("the kit's engine", () => {
  let hello: Tree
  let runId: string
  const before = resolver()
  const works = async (): Promise<void> => {
    const ended = await call([`--source=${hello.path}`, "pipeline", "--dry-run"])
    expect(ended.status, ended.output).toBe(0)
    const { links, rules, engines } = hostTraces()
    expect({ links, engines: engines.length }).toEqual({ links: ["delivery1"], engines: 1 })
    expect(rules.length, rules.join("\n")).toBe(3)
    expect(new Set(rules).size).toBe(3)
  }
  const remembers = async (): Promise<void> => {
    const ended = await call([`--source=${hello.path}`, "report", "--run-id", runId, "-o", `${hello.path}/reports-${newRunId("kit")}`])
    expect(ended.status, ended.output).toBe(0)
  }

  beforeAll(async () => {
    hello = helloTree()
    runId = newRunId("kit")
    const ended = await call([`--source=${hello.path}`, `--run-id=${runId}`, "lint"])
    expect(ended.status, ended.output).toBe(0)
  })
  afterAll(async () => {
    await kitEngine("start")
  })

  it("comes back after a SIGKILL of its keeper, with one wire, its rules once, and its caches", async () => {
    const killed = keeperPid() ?? 0
    process.kill(killed, "SIGKILL")
    while (!isGone(killed)) await wait(50)
    await works()
    expect(keeperPid()).not.toBe(killed)
    await remembers()
  })

  it("leaves no wire, rule, mount or process when it is stopped, and the host's resolver untouched", async () => {
    const ended = await kitEngine("stop")
    expect(ended.status, ended.output).toBe(0)
    const lastingCluster = existsSync("/sys/class/net/delivery0")
    const { links, rules, engines, mounts } = hostTraces()
    expect({ links, engines, mounts: lastingCluster ? [] : mounts }).toEqual({ links: [], engines: [], mounts: [] })
    // The cluster that outlives the engine needs the same rules.
    expect(rules.length).toBe(lastingCluster ? 3 : 0)
    expect(resolver()).toEqual(before)
  })

  it("is one when two start it at once", async () => {
    const both = await Promise.all([kitEngine("start"), kitEngine("start")])
    for (const ended of both) expect(ended.status, ended.output).toBe(0)
    await works()
    await remembers()
  })

  it("starts for a call that comes while it stops", async () => {
    const stopping = kitEngine("stop")
    await wait(500)
    await works()
    expect((await stopping).status).toBe(0)
  })

  it.each([200, 800, 2000])("starts after a start that was killed in its %i. millisecond", async (afterMs) => {
    await kitEngine("stop")
    const start = startKitEngine()
    await wait(afterMs)
    killGroup(start.child)
    await works()
  })

  it("keeps its caches when it is stopped under a call, which ends as an error", async () => {
    const hanging = helloTree().write("apps/hello/planted.test.mjs", "await new Promise((resolve) => setTimeout(resolve, 3_600_000))\n")
    const running = call([`--source=${hanging.path}`, "test"])
    await wait(10_000)
    const stopped = await kitEngine("stop")
    expect(stopped.status, stopped.output).toBe(0)
    const ended = await running
    expect(ended.status, ended.output).toBe(2)
    await works()
    await remembers()
  })
})
