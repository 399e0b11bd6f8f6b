// What a keeper tells the world about itself: run/ready, three lines that daggerw reads in sh.
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { paths } from "./paths.mjs"

export const files = {
  ready: join(paths.run, "ready"),
  socket: join(paths.run, "engine", "engine.sock"),
  enginePid: join(paths.run, "engine.pid"),
  lastUsed: join(paths.run, "last-used"),
  keeperLock: join(paths.run, "keeper.lock"),
  startLock: join(paths.run, "start.lock"),
  pending: join(paths.run, "pending-builds"),
  keeperLog: join(paths.log, "keeper.log"),
  engineLog: join(paths.log, "engine.log"),
  buildsLog: join(paths.log, "builds.log"),
}

export function writeReady(key, enginePid) {
  writeFileSync(`${files.ready}.unfinished`, `${key}\n${process.pid}\nunix://${files.socket}\n${enginePid}\n`)
  renameSync(`${files.ready}.unfinished`, files.ready)
}

export const clearReady = () => rmSync(files.ready, { force: true })

/** @returns {{key: string, pid: number, enginePid: number} | undefined} the keeper that is alive and serving */
export function readReady() {
  if (!existsSync(files.ready)) return undefined
  const [key, pid, , enginePid] = readFileSync(files.ready, "utf8").split("\n")
  return isAlive(Number(pid)) ? { key, pid: Number(pid), enginePid: Number(enginePid) } : undefined
}

/** Calls under way: client connections to the engine's socket, as the kernel counts them in the engine's network namespace. */
export function countConnections(enginePid) {
  if (!isAlive(enginePid)) return 0
  const connected = /^\S+ \S+ \S+ \S+ \S+ 03 .*\/run\/dagger\/engine\.sock$/
  return readFileSync(`/proc/${enginePid}/net/unix`, "utf8").split("\n").filter((line) => connected.test(line)).length
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")
  } catch {
    return false
  }
}

export const lastUsedMs = () => (existsSync(files.lastUsed) ? statSync(files.lastUsed).mtimeMs : 0)
