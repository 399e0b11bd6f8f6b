// What a keeper tells the world about itself: run/ready, three lines that daggerw reads in sh.
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { paths } from "./paths.mjs"

export const files = {
  ready: join(paths.run, "ready"),
  socket: join(paths.run, "engine.sock"),
  engineSocket: join(paths.run, "engine", "engine.sock"),
  connections: join(paths.run, "connections"),
  enginePid: join(paths.run, "engine.pid"),
  lastUsed: join(paths.run, "last-used"),
  keeperLock: join(paths.run, "keeper.lock"),
  startLock: join(paths.run, "start.lock"),
  pending: join(paths.run, "pending-builds"),
  keeperLog: join(paths.log, "keeper.log"),
  engineLog: join(paths.log, "engine.log"),
  buildsLog: join(paths.log, "builds.log"),
}

export function writeReady(key) {
  writeFileSync(`${files.ready}.unfinished`, `${key}\n${process.pid}\nunix://${files.socket}\n`)
  renameSync(`${files.ready}.unfinished`, files.ready)
}

export const clearReady = () => rmSync(files.ready, { force: true })

/** @returns {{key: string, pid: number} | undefined} the keeper that is alive and serving */
export function readReady() {
  if (!existsSync(files.ready)) return undefined
  const [key, pid] = readFileSync(files.ready, "utf8").split("\n")
  return isAlive(Number(pid)) ? { key, pid: Number(pid) } : undefined
}

/** Clients connected to the running engine, as its keeper last wrote it. */
export const readConnections = () => (existsSync(files.connections) ? Number(readFileSync(files.connections, "utf8")) : 0)

export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ")
  } catch {
    return false
  }
}

export const lastUsedMs = () => (existsSync(files.lastUsed) ? statSync(files.lastUsed).mtimeMs : 0)
