// What the bare machine must bring. Checked before anything is built; all that is missing is named at once.
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, statfsSync } from "node:fs"
import { dirname, join } from "node:path"
import { cacheDirectory } from "./paths.mjs"

const answers = (command, ...args) => {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] })
  } catch {
    return undefined
  }
}

const atLeast = (version, major, minor) => {
  const [, a, b] = /(\d+)\.(\d+)/.exec(version ?? "") ?? []
  return Number(a) > major || (Number(a) === major && Number(b) >= minor)
}

const nearestExisting = (path) => (existsSync(path) ? path : nearestExisting(dirname(path)))
const freeGigabytes = () => {
  const { bavail, bsize } = statfsSync(nearestExisting(cacheDirectory))
  return (bavail * bsize) / 1e9
}

// What is built stays: a disk that has filled since must not keep the engine from starting.
const neededGigabytes = existsSync(join(cacheDirectory, "bin/dagger")) ? 2 : 12

const requirements = [
  { name: "Linux", ok: () => process.platform === "linux", fix: "the air-gapped kit runs a Dagger engine directly on the kernel; elsewhere install a container engine (Docker, Podman), and daggerw uses that" },
  { name: "an x86-64 processor", ok: () => process.arch === "x64", fix: "the kit's recipes are for linux/amd64; elsewhere install a container engine" },
  { name: "root", ok: () => process.getuid?.() === 0, fix: "run as root (the engine mounts file systems and makes a network bridge), or install a container engine" },
  { name: "Debian's apt", ok: () => existsSync("/etc/debian_version") && answers("apt-get", "--version") !== undefined, fix: "the kit's images are made of Debian packages; use a Debian or Ubuntu machine" },
  { name: "Node 20 or newer", ok: () => atLeast(process.versions.node, 20, 11), fix: "install Node 20.11 or newer" },
  { name: "npm", ok: () => answers("npm", "--version") !== undefined, fix: "install npm, which comes with Node" },
  { name: "Go 1.26 or newer", ok: () => atLeast(/go(\d+\.\d+)/.exec(answers("go", "version") ?? "")?.[1], 1, 26), fix: "install Go 1.26 or newer and put it on PATH; the kit builds the engine from Go modules" },
  { name: "util-linux (unshare, flock, setpriv, pivot_root)", ok: () => ["unshare", "flock", "setpriv", "pivot_root"].every((tool) => answers(tool, "--version") !== undefined), fix: "apt-get install util-linux" },
  { name: `${neededGigabytes} GB of free disk`, ok: () => freeGigabytes() > neededGigabytes, fix: `make room below ${cacheDirectory}, or set DELIVERY_CACHE to a folder on a larger disk` },
  { name: "overlayfs", ok: () => readFileSync("/proc/filesystems", "utf8").includes("overlay") || answers("modprobe", "overlay") !== undefined, fix: "load the kernel module overlay" },
]

/** Throws one error that names everything that is missing and what to do about each. */
export function checkRequirements() {
  const missing = requirements.filter((requirement) => !requirement.ok())
  if (missing.length === 0) return
  throw new Error(["This machine lacks what the air-gapped kit needs:", ...missing.map(({ name, fix }) => `  - ${name}: ${fix}`)].join("\n"))
}
