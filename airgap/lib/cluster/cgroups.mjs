// Control groups of the containers: they tell who belongs to one, even after a kill took everybody who would have told, and they stay behind.
import { existsSync, readFileSync, readdirSync, rmdirSync } from "node:fs"
import { dirname, join } from "node:path"

const mounted = "/sys/fs/cgroup"
const deadlineMs = 60_000

/** Version 2 has one tree, version 1 one for each controller. */
const trees = () => (existsSync(join(mounted, "cgroup.procs")) ? [mounted] : readdirSync(mounted).map((name) => join(mounted, name)))

/** A group and those in it, innermost first. One may go away while we look. */
function below(directory) {
  const entries = existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : []
  return [...entries.filter((entry) => entry.isDirectory()).flatMap((entry) => below(join(directory, entry.name))), directory]
}
const groups = (names) => trees().flatMap((tree) => names.map((name) => join(tree, name))).filter((path) => existsSync(path)).flatMap(below)

/** Groups that were there only to hold these. */
const groupsAbove = (names) => trees().flatMap((tree) => [...new Set(names.map(dirname))].filter((name) => name !== ".").map((name) => join(tree, name)))
  .filter((path) => existsSync(path) && below(path).length === 1 && readFileSync(join(path, "cgroup.procs"), "utf8") === "")

/** Kills all processes of these groups and removes the groups. */
export async function removeCgroups(names) {
  const started = Date.now()
  for (let last; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    for (const group of groups(names)) {
      try {
        for (const pid of readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").map(Number).filter((pid) => pid > 0)) process.kill(pid, "SIGKILL")
        rmdirSync(group)
      } catch (error) {
        if (!["ENOENT", "ENODEV", "ESRCH", "EBUSY", "ENOTEMPTY"].includes(error.code)) throw error
        last = error // still ending; the next round looks again
      }
    }
    if (groups(names).length === 0) break
    if (Date.now() - started > deadlineMs) throw new Error(`control groups ${groups(names).join(", ")} are still in use after ${deadlineMs / 1000} s (${last?.message}); a process in them does not end: look at their cgroup.procs`)
  }
  for (const parent of groupsAbove(names)) rmdirSync(parent)
}
