// The recipe of docs/warm-runners on a real cluster: Dagger's own chart, kept caches, and a door for those with a certificate.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { connect, type ConnectionOptions } from "node:tls"
import { setTimeout as wait } from "node:timers/promises"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { stringify } from "yaml"
import { call, startCall, ROOT } from "../support/daggerw.js"
import { runCommand } from "../support/command.js"
import { newRun, type RunFolder } from "../support/runs.js"
import { newTree } from "../support/trees.js"
import { installWarmRunner, type WarmRunner } from "../support/warm-runner.js"

const tree = newTree({ "test/fixtures/plain-app": "app" })
tree.write("delivery.yaml", stringify({ version: 1, project: "warm-runners", services: { app: { path: "app", toolchain: "plain", commands: { build: [["sh", "build.sh"]], test: [["sh", "test/run.sh"]] } } } }))
const argv = (run: RunFolder): string[] => [`--source=${tree.path}`, `--run-id=${run.runId}`, "pipeline", "--only=lint,build,test"]

describe("a warm runner", () => {
  let runner: WarmRunner
  beforeAll(async () => {
    runner = await installWarmRunner()
  })
  afterAll(() => runner.remove())

  async function pipeline(what: string): Promise<RunFolder> {
    const run = newRun(what)
    const ended = await call(argv(run), { env: runner.env })
    expect(ended.status, ended.output).toBe(0)
    expect(run.record().verdict).toBe("passed")
    return run
  }
  const cached = (run: RunFolder): boolean[] => ["build", "test"].map((stage) => run.stage(stage, "app").cached)

  it("runs a pipeline for a client that has a certificate", async () => {
    expect(cached(await pipeline("warm-first"))).toEqual([false, false])
  })

  it("has everything that the first run made in the second", async () => {
    expect(cached(await pipeline("warm-second"))).toEqual([true, true])
  })

  it("keeps it over a restart of its pod", async () => {
    await runner.restart()
    expect(cached(await pipeline("warm-restarted"))).toEqual([true, true])
  })

  it("lets a run end that is under way when its pod is asked to, and keeps what it made", async () => {
    tree.write("app/build.sh", `${tree.read("app/build.sh")}\necho under way\nsleep 20\n`)
    const run = newRun("warm-drained")
    const running = startCall(argv(run), { env: runner.env })
    await running.says("under way")
    await runner.restart()
    const ended = await running.ended
    expect(ended.status, ended.output).toBe(0)
    expect(cached(await pipeline("warm-after-drain"))).toEqual([true, true])
  })

  it("holds the engine to the memory that the values give it", () => {
    expect(runner.kubectl("exec", "dagger-engine-0", "-c", "dagger-engine", "--", "cat", "/sys/fs/cgroup/memory/memory.limit_in_bytes")).toBe(String(6 * 1024 ** 3))
  })

  it("takes up a renewed certificate without a restart", { timeout: 240_000 }, async () => {
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect({ host: runner.host, port: runner.port, rejectUnauthorized: false }, () => {
          resolve(socket.getPeerCertificate().fingerprint256)
          socket.destroy()
        })
        socket.on("error", reject)
      })
    const before = await shown()
    runner.renew()
    // The kubelet looks after its volumes about once a minute.
    for (const giveUp = Date.now() + 180_000; (await shown()) === before; await wait(3000)) expect(Date.now()).toBeLessThan(giveUp)
    expect((await pipeline("warm-renewed")).record().verdict).toBe("passed")
  })

  describe("the door", () => {
    /** Resolves with what ended the connection, or with "open" when it is left open: TLS 1.3 refuses a client after the server's handshake. */
    const knock = (options: ConnectionOptions): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ host: runner.host, port: runner.port, ...options })
        const end = (what: string): void => {
          socket.destroy()
          resolve(what)
        }
        socket.on("secureConnect", () => void wait(2000).then(() => end("open")))
        socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
        socket.on("close", () => end("closed"))
      })
    const read = (folder: string, name: string): Buffer => readFileSync(join(folder, name))
    const withKey = (folder: string): ConnectionOptions => ({ ca: read(runner.certificates, "ca.crt"), cert: read(folder, "runner.crt"), key: read(folder, "runner.key") })

    it("is open for a certificate of its authority", async () => {
      expect(await knock(withKey(runner.certificates))).toBe("open")
    })

    it("is shut for a client without a certificate", async () => {
      expect(await knock({ ca: read(runner.certificates, "ca.crt") })).toBe("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED")
    })

    it("is shut for a certificate of another authority", async () => {
      const other = newTree({}).path
      await runCommand([join(ROOT, "docs/warm-runners/certificates.sh"), other, runner.host, "runner"], { cwd: ROOT })
      expect(await knock(withKey(other))).toBe("ERR_SSL_TLSV1_ALERT_UNKNOWN_CA")
    })

    it("is shut for the engine's own certificate, which is for a server", async () => {
      const folder = runner.certificates
      expect(await knock({ ca: read(folder, "ca.crt"), cert: read(folder, "engine.crt"), key: read(folder, "engine.key") })).toBe("ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE")
    })

    it("is shut for a connection without TLS: the sidecar's own answer is all that it gets", async () => {
      const plain = await fetch(`http://${runner.host}:${runner.port}/query`, { signal: AbortSignal.timeout(5000) })
      expect([plain.status, (await plain.text()).trim()]).toEqual([404, "404 page not found"])
    })

    it("is shut for TLS 1.2", async () => {
      expect(await knock({ ...withKey(runner.certificates), maxVersion: "TLSv1.2" })).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION")
    })

    it("does not prove itself to a client that trusts another authority", async () => {
      const other = newTree({}).path
      await runCommand([join(ROOT, "docs/warm-runners/certificates.sh"), other, runner.host, "runner"], { cwd: ROOT })
      expect(await knock({ ...withKey(runner.certificates), ca: read(other, "ca.crt") })).toMatch(/UNABLE_TO_VERIFY|SELF_SIGNED/)
    })
  })
})
