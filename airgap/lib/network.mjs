// The wires between the host and the kit's two network namespaces: the engine (10.90.1.2) and the lasting cluster (10.90.0.2).
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { inRootfs } from "./rootfs.mjs"

export const kitSubnet = "10.90.0.0/16"
export const wires = {
  engine: { link: "delivery1", host: "10.90.1.1", guest: "10.90.1.2" },
  cluster: { link: "delivery0", host: "10.90.0.1", guest: "10.90.0.2" },
}

const forwarding = "/proc/sys/net/ipv4/ip_forward"
const mark = ["-m", "comment", "--comment", "delivery-kit"]
const rules = [
  ["nat", "POSTROUTING", "-s", kitSubnet, "!", "-d", kitSubnet, ...mark, "-j", "MASQUERADE"],
  ["filter", "FORWARD", "-s", kitSubnet, ...mark, "-j", "ACCEPT"],
  ["filter", "FORWARD", "-d", kitSubnet, ...mark, "-j", "ACCEPT"],
]

const script = async (run, lines) => run(inRootfs(["sh", "-euc", lines.join("\n")]))
const word = (value) => `'${value}'`
const iptables = (action, [table, chain, ...rest]) => ["iptables", "-w", "-t", table, action, chain, ...rest].map(word).join(" ")

/** Lets the kit's subnets through this host; something else may have flushed its rules since. */
export async function allowForwarding(run) {
  await script(run, rules.map((rule) => `${iptables("-C", rule)} 2>/dev/null || ${iptables("-I", rule)}`))
  if (readFileSync(forwarding, "utf8").trim() !== "1") writeFileSync(forwarding, "1")
}

/** Joins the network namespace of process `pid` to the host, with a way out through it. */
export async function connect(run, { link, host, guest }, pid) {
  await linkIsFree(link)
  await script(run, [
    `ip link add ${link} type veth peer name eth0 netns ${pid}`,
    `ip addr add ${host}/24 dev ${link}`,
    `ip link set ${link} up`,
  ])
  await allowForwarding(run)
  await run(["nsenter", "--target", String(pid), "--net", ...inRootfs(["sh", "-euc", `ip addr add ${guest}/24 dev eth0; ip link set eth0 up; ip route add default via ${host}`])])
}

/** A wire is gone with the namespace at its end: one that stays is another kit's, and not ours to cut. */
async function linkIsFree(link) {
  for (const giveUp = Date.now() + 30_000; existsSync(`/sys/class/net/${link}`); await new Promise((resolve) => setTimeout(resolve, 200))) {
    if (Date.now() > giveUp) throw new Error(`the network link ${link} is in use: another kit on this machine (another user, or another DELIVERY_CACHE) is running; stop that one first`)
  }
}

// The kernel may be taking it away at this very moment, with the namespace at its other end.
const cutLink = (link) => `ip link del ${link} 2>/dev/null || [ ! -e /sys/class/net/${link} ]`

/** Cuts a wire that a killed guest has left behind: its namespace may linger long after its last process. */
export async function cutRemains(run, { link }) {
  await script(run, [cutLink(link)])
}

/** Takes the wire away, and with the last one the host's rules. A wire is gone with the namespace at its end, so one that is there is in use. */
export async function disconnect(run, { link }) {
  const others = Object.values(wires).map((wire) => wire.link).filter((other) => other !== link)
  await script(run, [
    cutLink(link),
    ...others.map((other) => `if [ -e /sys/class/net/${other} ]; then exit 0; fi`),
    ...rules.map((rule) => `while ${iptables("-C", rule)} 2>/dev/null; do ${iptables("-D", rule)}; done`),
  ])
}
