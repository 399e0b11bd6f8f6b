// Start, stop and status of the one engine that all clones of a user share.
import { spawn } from "node:child_process"
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { files, isAlive, readConnections, readReady } from "./keeper-state.mjs"
import { withLock } from "./lock.mjs"
import { kitDirectory, paths, recipeKey } from "./paths.mjs"

const lockHeldStatus = 75
const formerKeeperMs = 180_000
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const tail = (file, lines) => (existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(-lines).join("\n") : "")

/** Starts the engine of this recipe unless it runs; an engine of another recipe is stopped first. */
export async function startEngine(say) {
  mkdirSync(paths.run, { recursive: true })
  mkdirSync(paths.log, { recursive: true })
  writeFileSync(files.lastUsed, "")
  await withLock(files.startLock, say, async () => {
    const running = readReady()
    if (running?.key === recipeKey()) return
    if (running) {
      await waitForOthers(say)
      say("the running engine has another recipe; stopping it")
      await stopEngine(say)
    }
    await launch(say)
  })
}

/** Somebody else's call must not die because this clone wants another engine. */
async function waitForOthers(say) {
  if (readConnections() > 0) say("an engine of another recipe is serving another clone's call; waiting for it to end")
  while (readConnections() > 0) await wait(500)
}

async function launch(say) {
  for (const giveUp = Date.now() + formerKeeperMs; ; await wait(1000)) {
    if ((await launchOnce()) === "serving") return
    if (Date.now() > giveUp) throw new Error(`the former engine of this user is still stopping after ${formerKeeperMs / 1000} s; see ${files.keeperLog}`)
    say("waiting for the former engine to stop")
  }
}

/** @returns {Promise<"serving" | "held">} `held` when a keeper that is stopping still has the lock */
async function launchOnce() {
  const log = openSync(join(paths.log, "keeper.out"), "w")
  // flock keeps a second keeper out for as long as this one lives, however it ends.
  const keeper = spawn("flock", ["--nonblock", "--conflict-exit-code", String(lockHeldStatus), "--no-fork", files.keeperLock, process.execPath, join(kitDirectory, "keeper.mjs")], { detached: true, stdio: ["ignore", log, log], cwd: "/" })
  closeSync(log)
  keeper.unref()
  const ended = new Promise((resolve) => keeper.on("exit", (status, signal) => resolve(status ?? signal)))
  for (;;) {
    if (readReady()) return "serving"
    const status = await Promise.race([ended, wait(100).then(() => undefined)])
    if (status === lockHeldStatus) return "held"
    if (status !== undefined) throw new Error(`the engine did not start (status ${status}):\n${tail(join(paths.log, "keeper.out"), 15)}\nlogs: ${paths.log}`)
  }
}

/** Stops the engine; resolves when it is gone. */
export async function stopEngine(say) {
  const running = readReady()
  if (!running) return say("no engine runs")
  const calls = readConnections()
  if (calls > 0) say(`${calls} ${calls === 1 ? "client is" : "clients are"} connected and will be cut off`)
  process.kill(running.pid, "SIGTERM")
  while (isAlive(running.pid)) await wait(100)
  say("the engine is stopped")
}

export function engineStatus() {
  const running = readReady()
  if (!running) return "no engine runs; daggerw starts one when it needs it"
  const pending = existsSync(files.pending) ? `, images still to be built: ${readFileSync(files.pending, "utf8").trim().split("\n").join(", ")}` : ""
  const calls = readConnections()
  return `engine runs: pid ${running.pid}, ${calls} clients, recipe ${running.key}${running.key === recipeKey() ? "" : ` (this checkout: ${recipeKey()})`}, unix://${files.socket}${pending}`
}
