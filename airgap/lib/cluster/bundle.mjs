// What runc runs: the unpacked cluster image and the kit's own root file system (for the registry), each with its configuration.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { rootfsDirectory } from "../rootfs.mjs"
import { bundle } from "./places.mjs"

const names = ("CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER " +
  "SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP " +
  "MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE").split(" ")

/** runc refuses to give what this process does not have itself. */
function allCapabilities() {
  const [, mask] = /^CapBnd:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))
  return names.filter((_, bit) => (BigInt(`0x${mask}`) >> BigInt(bit)) & 1n).map((name) => `CAP_${name}`)
}

const mount = (destination, type, ...options) => ({ destination, type, source: type, options })
export const bind = (source, destination, mode = "rw") => ({ destination, type: "bind", source, options: ["rbind", mode] })

const basicMounts = [
  mount("/proc", "proc"),
  mount("/dev", "tmpfs", "nosuid", "mode=755"),
  mount("/dev/pts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
  mount("/dev/shm", "tmpfs", "nosuid", "noexec", "nodev", "mode=1777"),
  mount("/dev/mqueue", "mqueue", "nosuid", "noexec", "nodev"),
]
const nodeMounts = [
  mount("/sys", "sysfs", "nosuid", "noexec", "nodev"),
  bind("/sys/fs/cgroup", "/sys/fs/cgroup"),
  bind("/dev/kmsg", "/dev/kmsg"), // the kubelet does not start without
  mount("/run", "tmpfs", "nosuid", "nodev", "mode=755"),
  mount("/tmp", "tmpfs", "nosuid", "nodev", "mode=1777"),
]

const configuration = ({ name, args, env, root, mounts, capabilities, namespaces, devices }) => ({
  ociVersion: "1.0.2",
  hostname: "node",
  process: {
    user: { uid: 0, gid: 0 }, cwd: "/", args, env,
    capabilities: Object.fromEntries(["bounding", "effective", "permitted", "inheritable", "ambient"].map((set) => [set, capabilities])),
  },
  root,
  mounts,
  linux: { cgroupsPath: `/${name}`, namespaces: namespaces.map((type) => ({ type })), resources: { devices } },
})

function write(name, value) {
  mkdirSync(bundle(name), { recursive: true })
  writeFileSync(join(bundle(name), "config.json"), JSON.stringify(value, null, 2))
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/** A node may do whatever root may do here; its network, processes and mounts are its own. */
export function writeNodeBundle(name, { args, mounts, env = [] }) {
  write(name, configuration({
    name, args, env: [path, ...env], root: { path: "rootfs" }, mounts: [...basicMounts, ...nodeMounts, ...mounts], capabilities: allCapabilities(),
    namespaces: ["pid", "network", "ipc", "uts", "mount"], devices: [{ allow: true, access: "rwm" }],
  }))
}

/** A service on the host's network, without any right, on the kit's root file system. */
export function writeServiceBundle(name, { args, mounts }) {
  write(name, configuration({
    name, args, env: [path], root: { path: rootfsDirectory(), readonly: true }, mounts: [...basicMounts, ...mounts], capabilities: [],
    namespaces: ["pid", "ipc", "uts", "mount"], devices: [{ allow: false, access: "rwm" }],
  }))
}

/** Which root file system a service of an earlier kit still runs on. */
export const serviceRoot = (name) => JSON.parse(readFileSync(join(bundle(name), "config.json"), "utf8")).root.path
