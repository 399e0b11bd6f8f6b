// The cluster's containers by runc, which leaves no process of its own behind: they are nobody's children and outlive every caller.
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { isAlive } from "../keeper-state.mjs"
import { paths } from "../paths.mjs"
import { inRootfs } from "../rootfs.mjs"
import { removeCgroups } from "./cgroups.mjs"
import { bundle, places, started } from "./places.mjs"

const runc = (...argv) => inRootfs(["runc", "--root", places.runcState, ...argv])
const pidFile = (name) => join(paths.cluster, `${name}.pid`)
/** What the kernel says about a process; nothing when it has just ended. */
const told = (pid, file) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    return ""
  }
}
/** No other process can be in this control group, so that a number of an earlier boot is no process of today. */
const isMember = (name, pid) => told(pid, "cgroup").split("\n").some((line) => line.endsWith(`:/${name}`))

/** The container's first process as the host numbers it, or undefined when there is none. */
function firstProcess(name) {
  if (!existsSync(pidFile(name))) return undefined
  const pid = Number(readFileSync(pidFile(name), "utf8"))
  return pid > 0 && isAlive(pid) && isMember(name, pid) ? pid : undefined
}

const exitingFlag = 0x4 // PF_EXITING: a first process takes a while to end, since all others end before it
const isExiting = (pid) => (Number(told(pid, "stat").split(") ").at(-1).split(" ")[6] ?? exitingFlag) & exitingFlag) !== 0

/** @returns {number | undefined} the first process of a container that was started and is not ending */
export function runningPid(name) {
  const pid = existsSync(started(name)) ? firstProcess(name) : undefined
  return pid && !isExiting(pid) ? pid : undefined
}

/** Makes the container with its namespaces; its program waits for `start`. */
export async function create(run, name) {
  mkdirSync(paths.log, { recursive: true })
  mkdirSync(places.runcState, { recursive: true })
  // The container keeps its output open for its whole life, so it must not be a pipe of ours.
  const command = runc("create", "--bundle", bundle(name), "--pid-file", pidFile(name), name)
  await run(["sh", "-c", 'log=$1; shift; exec "$@" >"$log" 2>&1 </dev/null', "sh", places.log(name), ...command]).catch((error) => {
    throw new Error(`${error.message}\n${logTail(name)}`)
  })
  return firstProcess(name)
}

export async function start(run, name) {
  await run(runc("start", name))
  await run(["touch", started(name)])
}

/** Runs a program in the container to its end. */
export const execute = (run, name, argv) => run(runc("exec", name, ...argv))

/** Ends the container whatever state it is in, and takes away what a kill may have left of it. */
export async function remove(name, cgroups = []) {
  const first = firstProcess(name)
  await removeCgroups([name, ...cgroups])
  while (first && isAlive(first)) await new Promise((resolve) => setTimeout(resolve, 20)) // its network goes with it, after all other processes
  for (const path of [join(places.runcState, name), pidFile(name), started(name)]) rmSync(path, { recursive: true, force: true })
}

export const logTail = (name) => (existsSync(places.log(name)) ? readFileSync(places.log(name), "utf8").trimEnd().split("\n").slice(-15).join("\n") : "")
