// The kit's own root file system: what the engine, the mirror and the cluster run in, so that the host stays as it is.
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { cacheDirectory, kitDirectory, paths, sha256 } from "./paths.mjs"
import { bootstrapDebian } from "./debian.mjs"

const packages = ["ca-certificates", "containernetworking-plugins", "dnsmasq-base", "docker-registry", "git", "iproute2", "iptables", "runc", "skopeo", "umoci"]

// Where the engine looks for its programs, and where Debian or the kit has them.
const links = {
  "usr/local/bin/runc": "/usr/sbin/runc",
  "usr/local/bin/dagger-init": "/kit/bin/dagger-init",
  "usr/bin/xtables-legacy-multi": "/usr/sbin/xtables-legacy-multi",
  "usr/bin/xtables-nft-multi": "/usr/sbin/xtables-nft-multi",
  "opt/cni/bin/dnsname": "/kit/bin/dnsname",
  ...Object.fromEntries(["bridge", "firewall", "host-local", "loopback", "portmap"].map((plugin) => [`opt/cni/bin/${plugin}`, `/usr/lib/cni/${plugin}`])),
}
const directories = ["var/lib/dagger", "run/dagger", "opt/cni/bin", "usr/local/share/dagger/content", "etc/dagger", "kit/bin"]

export const rootfsDirectory = () => join(paths.rootfs, sha256(JSON.stringify([packages, links, directories])).slice(0, 16))

/** Builds the root file system once; a kill at any point leaves nothing under the finished name. */
export async function ensureRootfs(run) {
  const finished = rootfsDirectory()
  if (existsSync(finished)) return finished
  const unfinished = `${finished}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  await bootstrapDebian(run, packages, unfinished)
  for (const directory of directories) mkdirSync(join(unfinished, directory), { recursive: true })
  for (const [path, target] of Object.entries(links)) symlinkSync(target, join(unfinished, path))
  renameSync(unfinished, finished)
  return finished
}

/**
 * The command line that runs `argv` inside the root file system, in a mount namespace of its own.
 * `binds` maps paths inside to directories outside; the cache is there under its own name.
 * `isolated` adds namespaces for processes and network: whatever runs in them ends with the first process, bridges and rules too;
 * that process is asked to end when we are gone.
 */
export function inRootfs(argv, { binds = {}, isolated = false } = {}) {
  const namespaces = ["--mount", "--propagation", "private", ...(isolated ? ["--pid", "--net", "--fork", "--kill-child=SIGTERM"] : [])]
  const bindings = Object.entries({ [cacheDirectory]: cacheDirectory, ...binds }).map(([inside, outside]) => `${outside}:${inside}`)
  return ["unshare", ...namespaces, join(kitDirectory, "engine/enter"), ...(isolated ? ["--wait-for-network"] : []), rootfsDirectory(), ...bindings, "--", ...argv]
}
