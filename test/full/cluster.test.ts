// The lasting cluster on this machine: minutes, root, and it must be the only one.
import { spawn, spawnSync } from "node:child_process"
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { homedir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const kit = fileURLToPath(new URL("../../airgap/kit.mjs", import.meta.url))
const folder = join(process.env.DELIVERY_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "delivery"), "cluster")
const cluster = (...args: string[]) => spawnSync(process.execPath, [kit, "cluster", ...args], { encoding: "utf8", timeout: 600_000 })
const up = () => {
  const { status, stdout, stderr } = cluster("up")
  expect(status, stderr).toBe(0)
  return stdout
}
const pid = (name: string) => Number(readFileSync(join(folder, `${name}.pid`), "utf8"))
const groups = () => readdirSync("/sys/fs/cgroup", { recursive: true, withFileTypes: true }).map(({ name }) => name).filter((name) => name.startsWith("delivery-"))
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Starts `up` and kills its programs as soon as a file is there. */
async function killAt(file: string, delayMs: number) {
  const child = spawn(process.execPath, [kit, "cluster", "up"], { detached: true, stdio: "ignore" })
  const ended = new Promise((resolve) => child.on("exit", resolve))
  while (!existsSync(join(folder, file)) && child.exitCode === null) await wait(20)
  await wait(delayMs)
  process.kill(-child.pid!, "SIGKILL")
  await ended
}

describe("the lasting cluster", () => {
  beforeAll(() => {
    if (existsSync(folder)) throw new Error(`${folder}: a cluster is there, and this test would remove it; first: npm run cluster -- down`)
  })
  afterAll(() => { cluster("down") })

  it.each([["runc/delivery-cluster", 0], ["delivery-cluster.pid", 100], ["delivery-registry.started", 0], ["delivery-cluster.started", 0], ["delivery-cluster.started", 4000]])(
    "is there after a kill of its start at %s + %i ms, and a new start",
    async (file, delayMs) => {
      cluster("down")
      await killAt(file, delayMs)
      expect(up()).toMatch(/gateway +http:\/\/10\.90\.0\.2:30080 answers\n/)
    },
  )
  it("is the same one for two that start it at once", async () => {
    const both = await Promise.all([0, 1].map(() => new Promise((resolve) => spawn(process.execPath, [kit, "cluster", "up"], { stdio: "ignore" }).on("exit", resolve))))
    expect(both).toEqual([0, 0])
  })
  it.each(["delivery-cluster", "delivery-registry"])("comes back after a kill of %s", (name) => {
    process.kill(pid(name), "SIGKILL")
    up()
  })
  it("keeps its identity over a kill", () => {
    const before = cluster("kubeconfig").stdout
    process.kill(pid("delivery-cluster"), "SIGKILL")
    up()
    expect(cluster("kubeconfig").stdout).toBe(before)
  })
  it("leaves nothing behind", () => {
    process.kill(pid("delivery-cluster"), "SIGKILL")
    expect(cluster("down").status).toBe(0)
    expect(existsSync(folder)).toBe(false)
    expect(existsSync("/sys/class/net/delivery0")).toBe(false)
    expect(groups()).toEqual([])
    expect(cluster("down").stderr).toContain("no cluster runs")
    expect(cluster("kubeconfig").status).toBe(2)
  })
})
