// Keeps one engine and its mirror: starts them, builds images when they are asked for, stops after idle minutes.
// Started by `kit.mjs engine start` under a lock that the kernel drops with this process.
import { spawn } from "node:child_process"
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { setPriority } from "node:os"
import { dirname, join } from "node:path"
import { clearReady, files, isAlive, lastUsedMs, writeReady } from "./lib/keeper-state.mjs"
import { ensureEnginePrograms, ensureSdkContent } from "./lib/engine-content.mjs"
import { ensureImage } from "./lib/images.mjs"
import { openEntrance } from "./lib/entrance.mjs"
import { createContext } from "./lib/context.mjs"
import { mirrorPort, openMirror, openWorkshop, registryAnswers, startRegistry } from "./lib/mirror.mjs"
import { connect, disconnect, wires } from "./lib/network.mjs"
import { kitDirectory, paths, recipeKey } from "./lib/paths.mjs"
import { ImageQueue } from "./lib/image-queue.mjs"
import { inRootfs } from "./lib/rootfs.mjs"

const idleMs = Number(process.env.DELIVERY_ENGINE_IDLE_SECONDS ?? 600) * 1000
// An engine that is killed finds its store unclean and starts with empty caches: a clean end is worth waiting for.
const stopMs = 60_000
// An engine that is asked to end while a session is open refuses that session's own goodbye, and waits for it for ever.
const sessionsEndMs = 5_000
const say = (line) => appendFileSync(files.keeperLog, `${new Date().toISOString()} ${line}\n`)
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const context = createContext({ log: (line) => appendFileSync(files.buildsLog, `[kit] ${line}\n`) })
const programs = await ensureEnginePrograms(context)
const sdk = await ensureSdkContent(context)
for (const directory of [paths.run, paths.log, paths.engineState, dirname(files.engineSocket), join(paths.run, "etc")]) mkdirSync(directory, { recursive: true })

function writeEngineConfiguration() {
  const mirror = `${wires.engine.host}:${mirrorPort}`
  const registries = ["docker.io", "registry.k8s.io", "ghcr.io", "quay.io"].map((name) => `[registry."${name}"]\n  mirrors = ["${mirror}/${name}"]\n`)
  // The mirror, and the lasting cluster's own registry: both on wires of this host that nobody else is on.
  const plain = [mirror, `${wires.cluster.host}:5000`].map((address) => `[registry."${address}"]\n  http = true\n`)
  writeFileSync(join(paths.run, "etc/engine.toml"), [`insecure-entitlements = ["security.insecure"]\n`, ...registries, ...plain].join("\n"))
  // By default the engine wants a fifth of the disk free; on a disk that others fill it would prune everything, cache volumes too.
  // One policy instead of its three: for each of them it measures all that it holds, and calls that end meanwhile wait.
  writeFileSync(join(paths.run, "etc/engine.json"), JSON.stringify({ gc: { policies: [{ all: true, reservedSpace: "20GB", minFreeSpace: "4GB", maxUsedSpace: "60GB" }] } }))
}

function startEngine() {
  if (existsSync(files.engineLog)) renameSync(files.engineLog, `${files.engineLog}.previous`)
  const log = openSync(files.engineLog, "w")
  const engine = ["/kit/bin/dagger-engine", "--config", "/etc/dagger/engine.toml", "--root", "/var/lib/dagger", "--addr", "unix:///run/dagger/engine.sock"]
  const command = inRootfs(engine, {
    isolated: true,
    binds: { "/kit/bin": programs, "/usr/local/share/dagger/content": sdk.directory, "/etc/dagger": join(paths.run, "etc"), "/var/lib/dagger": paths.engineState, "/run/dagger": dirname(files.engineSocket) },
  })
  // unshare itself blocks SIGTERM while it waits: it is killed, and its child, the engine, is then asked to end.
  return spawn("setpriv", ["--pdeathsig", "KILL", ...command], {
    stdio: ["ignore", log, log],
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", DAGGER_TYPESCRIPT_SDK_MANIFEST_DIGEST: sdk.digest },
  })
}

/** The first process of the engine's namespaces, which is the engine itself. */
async function firstProcess(child) {
  for (;;) {
    const [pid] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ")
    if (pid) return Number(pid)
    await wait(20)
  }
}

async function engineServes(child) {
  while (!readFileSync(files.engineLog, "utf8").includes("running server on /run/dagger")) {
    if (child.exitCode !== null) throw new Error(`the engine ended with status ${child.exitCode} while starting; its log: ${files.engineLog}`)
    await wait(100)
  }
}

/** A keeper that was killed leaves an engine that is still ending; the next one would not get its lock. */
async function formerEngineEnds() {
  const pid = existsSync(files.enginePid) ? Number(readFileSync(files.enginePid, "utf8")) : 0
  const isEngine = () => isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("dagger-engine")
  if (pid > 0 && isEngine()) say(`waiting for the engine ${pid} of a keeper that was killed`)
  for (let waited = 0; pid > 0 && isEngine(); waited += 200) {
    if (waited > stopMs) process.kill(pid, "SIGKILL")
    await wait(200)
  }
}

clearReady()
await formerEngineEnds()
for (const socket of [files.socket, files.engineSocket]) rmSync(socket, { force: true })
writeEngineConfiguration()
const registryLog = openSync(join(paths.log, "registry.log"), "w")
const registry = startRegistry(registryLog)
const engine = startEngine()
let enginePid
let isConnected = false
let entrance
let stopping = false

async function stop(reason, status = 0) {
  if (stopping) return
  stopping = true
  say(`stopping: ${reason}`)
  clearReady()
  if (entrance !== undefined && entrance.count() > 0) {
    entrance.close()
    await wait(sessionsEndMs)
  } else entrance?.close()
  if (entrance === undefined) {
    // Not serving yet: nothing to lose, and the first process may still be a shell that knows no signals.
    if (enginePid) process.kill(enginePid, "SIGKILL")
    engine.kill("SIGKILL")
  } else if (isAlive(enginePid)) {
    process.kill(enginePid, "SIGTERM")
    for (let waited = 0; waited < stopMs && isAlive(enginePid); waited += 200) await wait(200)
    if (isAlive(enginePid)) {
      say(`the engine did not end within ${stopMs / 1000} s; where it hangs stands in ${files.engineLog}`)
      process.kill(enginePid, "SIGQUIT") // Go prints every goroutine and ends
      await wait(1000)
      if (isAlive(enginePid)) process.kill(enginePid, "SIGKILL")
    }
  }
  registry.kill("SIGTERM")
  try {
    if (isConnected) await disconnect(context.run, wires.engine) // a wire that we never had is another kit's
  } catch (error) {
    say(`the network was not cleared: ${error.message}`)
  }
  rmSync(files.pending, { force: true })
  say("stopped")
  process.exit(status) // always: a keeper that stays would hold the lock that the next one needs
}
process.on("SIGTERM", () => void stop("asked to"))
process.on("SIGINT", () => void stop("interrupted"))
engine.on("exit", (status, signal) => void stop(`the engine ended with ${status ?? signal}`, 1))
registry.on("exit", (status, signal) => void stop(`the mirror's registry ended with ${status ?? signal}`, 1))

try {
  enginePid = await firstProcess(engine)
  writeFileSync(files.enginePid, String(enginePid))
  await connect(context.run, wires.engine, enginePid)
  isConnected = true
  const queue = new ImageQueue({ ensure: (name) => ensureImage(context, name), log: context.log, kitDirectory, pendingFile: files.pending })
  await Promise.all([openMirror(wires.engine.host, (repository, tag) => queue.provide(repository, tag)), openWorkshop(), registryAnswers(), engineServes(engine)])
  entrance = await openEntrance({ socket: files.socket, engineSocket: files.engineSocket, onChange: (count) => writeFileSync(files.connections, String(count)) })
  writeFileSync(files.connections, "0")
  writeFileSync(files.lastUsed, "")
  writeReady(recipeKey())
  say(`serving on ${files.socket}, recipe ${recipeKey()}`)
  setPriority(10) // builds in the background give way to the pipeline
  if (process.env.DELIVERY_KIT_PREBUILD !== "0") queue.prebuild()
  for (let idleSince = Date.now(); ; await wait(Math.min(idleMs / 4, 5000))) {
    if (entrance.count() > 0 || queue.isBusy()) idleSince = Date.now()
    if (Date.now() - Math.max(idleSince, lastUsedMs()) > idleMs) break
  }
  await stop(`idle for ${idleMs / 1000} s`)
} catch (error) {
  say(error.stack)
  process.stderr.write(`${error.message}\n`)
  await stop(`a fault: ${error.message}`, 1)
}
