// The one node of the cluster: the cluster image in a network of its own, wired to the host.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { connect as connectSocket } from "node:net"
import { networkInterfaces } from "node:os"
import { dirname, join } from "node:path"
import { mirrorPort } from "../mirror.mjs"
import { allowForwarding, connect, cutRemains, wires } from "../network.mjs"
import { inRootfs } from "../rootfs.mjs"
import { bind, writeNodeBundle } from "./bundle.mjs"
import { create, remove, runningPid, start } from "./containers.mjs"
import { platformReference } from "./images.mjs"
import { bundle, node, places, registryAddress } from "./places.mjs"

const { link, guest } = wires.cluster
const disabled = "traefik,coredns,servicelb,metrics-server,local-storage"

function writeNode() {
  for (const directory of [places.data, places.manifests, dirname(places.kubeconfig)]) mkdirSync(directory, { recursive: true })
  // The engine's mirror serves only while an engine runs; what is to last must be pushed to the cluster's registry.
  const mirrors = Object.fromEntries(["docker.io", "registry.k8s.io", "ghcr.io", "quay.io"].map((name) => [name, { endpoint: [`http://${wires.engine.host}:${mirrorPort}/v2/${name}`] }]))
  writeFileSync(join(dirname(places.kubeconfig), "registries.yaml"), JSON.stringify({ mirrors: { [registryAddress]: { endpoint: [`http://${registryAddress}`] }, ...mirrors } }))
  writeFileSync(join(bundle(node), "rootfs/etc/hosts"), `127.0.0.1 localhost\n${guest} node\n`)
  writeNodeBundle(node, {
    args: ["/bin/k3s", "server", `--disable=${disabled}`, "--service-cidr=10.96.0.0/16", "--cluster-dns=10.96.0.10", "--node-name=node", `--node-ip=${guest}`, `--tls-san=${guest}`,
      `--pause-image=${platformReference("pause")}`],
    mounts: [bind(places.data, "/var/lib/rancher/k3s"), bind(dirname(places.kubeconfig), "/etc/rancher/k3s"), bind(places.manifests, "/manifests", "ro")],
  })
}

const somebodyAnswers = () => new Promise((resolve) => {
  const socket = connectSocket({ host: guest, port: 6443, timeout: 500 })
  const end = (answer) => { socket.destroy(); resolve(answer) }
  socket.on("connect", () => end(true)).on("timeout", () => end(false)).on("error", () => end(false))
})

/** Wires the node unless it runs. A created one has its address, but runs nothing until `startNode`. */
export async function ensureNode(run) {
  const running = runningPid(node)
  if (running) {
    if (link in networkInterfaces()) await allowForwarding(run)
    else await connect(run, wires.cluster, running)
    return
  }
  await removeNode()
  if (link in networkInterfaces()) {
    if (await somebodyAnswers()) throw new Error(`another cluster runs at ${guest}, started with another DELIVERY_CACHE; stop it with that setting and "cluster down"`)
    await cutRemains(run, wires.cluster)
  }
  writeNode()
  // As in the kit's root file system: its resolver and authorities are those that can be used from another network.
  await run(inRootfs(["sh", "-euc", 'for file in etc/resolv.conf etc/ssl/certs/ca-certificates.crt; do cp "/$file" "$1/$file"; done', "sh", join(bundle(node), "rootfs")]))
  await connect(run, wires.cluster, await create(run, node))
}

export async function startNode(run) {
  if (!runningPid(node)) await start(run, node)
}

/** Containers of the node have control groups on the host, beside those of any other containerd: only containerd's own books tell which are ours. */
function podGroups() {
  const books = join(places.data, "agent/containerd/io.containerd.grpc.v1.cri")
  return ["sandboxes", "containers"].map((kind) => join(books, kind)).filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder)).map((id) => `k8s.io/${id}`)
}

export const removeNode = () => remove(node, podGroups())

