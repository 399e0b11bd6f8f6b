// An engine on the lasting cluster as docs/warm-runners describes it: Dagger's own chart, the values and certificates of this repository.
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createContext } from "../../airgap/lib/context.mjs"
import { places, registryAddress } from "../../airgap/lib/cluster/places.mjs"
import { buildGo } from "../../airgap/lib/go-build.mjs"
import { mirrorPort } from "../../airgap/lib/mirror.mjs"
import { wires } from "../../airgap/lib/network.mjs"
import { runCommand } from "./command.js"
import { ROOT } from "./daggerw.js"
import { pushEngineImage } from "./engine-image.js"

const NAMESPACE = "dagger-runners"
const POD = "dagger-engine-0"
const FOLDER = join(ROOT, "docs/warm-runners")
const MIRROR = `${wires.engine.host}:${mirrorPort}`

const run = (argv: readonly string[], options: { cwd?: string; env?: Readonly<Record<string, string>> } = {}): string =>
  execFileSync(argv[0] ?? "", argv.slice(1), { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], ...options, env: { ...process.env, ...options.env } }).trim()
const kit = (...argv: string[]): string => run([process.execPath, "airgap/kit.mjs", ...argv])

/** What this one small machine has no room for, or no way to: everything else is as in the file for users. */
const onThisMachine = (image: string): object => ({
  engine: {
    image: { ref: image },
    statefulSet: { persistentVolumeClaim: { resources: { requests: { storage: "20Gi" } } } },
    configJson: JSON.stringify({
      gc: { policies: [{ all: true, reservedSpace: "3GB", minFreeSpace: "1GB", maxUsedSpace: "6GB" }] },
      registries: { "docker.io": { mirrors: [`${MIRROR}/docker.io`] }, [MIRROR]: { http: true } },
    }),
    resources: { requests: { cpu: "100m", memory: "512Mi" }, limits: { memory: "6Gi" } },
  },
  service: { type: "NodePort" },
})

/** The node has no provisioner of volumes: this is what one would make for the StatefulSet's claim. */
const volume = (folder: string): object => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: NAMESPACE },
  spec: {
    capacity: { storage: "20Gi" },
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Retain",
    claimRef: { namespace: NAMESPACE, name: `data-${POD}` },
    hostPath: { path: `/var/lib/rancher/k3s/${folder}`, type: "DirectoryOrCreate" },
  },
})

export interface WarmRunner {
  readonly host: string
  readonly port: number
  /** With ca.crt, and a certificate and key of `runner`. */
  readonly certificates: string
  /** What a machine of a CI system has in its environment, so that daggerw runs there. */
  readonly env: Readonly<Record<string, string>>
  readonly kubectl: (...argv: string[]) => string
  /** Asks the pod to end, as a drained node does; resolves when the next one serves. */
  readonly restart: () => Promise<void>
  /** Gives the engine a new certificate, as cert-manager does in time. */
  readonly renew: () => void
  /** Seconds of CPU that the pod has used, what it started included; counts from the pod's start. */
  readonly cpuSeconds: () => number
  readonly remove: () => void
}

/** Dagger's chart, in the very module that the kit builds the engine from. */
function chartFolder(): string {
  const { Dir } = JSON.parse(run(["go", "mod", "download", "-json", "github.com/dagger/dagger"], { cwd: join(ROOT, "airgap/go/engine") })) as { Dir: string }
  return join(Dir, "helm/dagger")
}

export async function installWarmRunner(): Promise<WarmRunner> {
  const wasUp = kit("cluster", "status").includes("is Ready")
  if (!wasUp) kit("cluster", "up")
  kit("engine", "start") // and with it the mirror, which images and tools come from
  const context = createContext({ log: () => {} })
  const helm = await buildGo(context, "helm")
  const work = mkdtempSync(join(tmpdir(), "delivery-test-"))
  const file = (name: string, content: object): string => {
    writeFileSync(join(work, name), JSON.stringify(content))
    return join(work, name)
  }
  const kubeconfig = join(work, "kubeconfig")
  writeFileSync(kubeconfig, kit("cluster", "kubeconfig"), { mode: 0o600 })
  const inCluster = (...argv: string[]): string => run(["kubectl", `--kubeconfig=${kubeconfig}`, ...argv])
  const kubectl = (...argv: string[]): string => inCluster(`--namespace=${NAMESPACE}`, ...argv)
  const clear = (): void => {
    inCluster("delete", "namespace", NAMESPACE, "--ignore-not-found")
    inCluster("delete", "persistentvolume", NAMESPACE, "--ignore-not-found")
    rmSync(join(places.data, NAMESPACE), { recursive: true, force: true })
  }
  const serving = (): string => kubectl("rollout", "status", "statefulset/dagger-engine", "--timeout=180s")

  clear()
  const certificates = join(work, "certificates")
  const issue = (): void => {
    run([join(FOLDER, "certificates.sh"), certificates, wires.cluster.guest, "runner"])
    const files = ["tls.crt=engine.crt", "tls.key=engine.key", "ca.crt=ca.crt"].map((pair) => `--from-file=${pair.replace("=", `=${certificates}/`)}`)
    const secret = kubectl("create", "secret", "generic", "dagger-engine-tls", ...files, "--dry-run=client", "-o", "json")
    kubectl("apply", "-f", file("secret.json", JSON.parse(secret) as object))
  }
  inCluster("create", "namespace", NAMESPACE)
  issue()
  kubectl("apply", "-f", join(FOLDER, "tls-routes.yaml"), "-f", file("volume.json", volume(NAMESPACE)))
  const values = file("values.json", onThisMachine(await pushEngineImage(registryAddress)))
  run([helm, "install", "dagger", chartFolder(), `--kubeconfig=${kubeconfig}`, `--namespace=${NAMESPACE}`, "-f", join(FOLDER, "values.yaml"), "-f", values])
  serving()
  const host = wires.cluster.guest
  const port = Number(kubectl("get", "service", "dagger", "-o", "jsonpath={.spec.ports[0].nodePort}"))
  const address = `tls://${host}:${port}?cert_path=${certificates}/runner.crt&key_path=${certificates}/runner.key&ca_path=${certificates}/ca.crt`
  return {
    host,
    port,
    certificates,
    env: { _EXPERIMENTAL_DAGGER_RUNNER_HOST: address, DELIVERY_MIRROR_URL: `http://${MIRROR}` },
    kubectl,
    restart: async () => {
      // Not in the way of a call whose output this process reads meanwhile.
      const ended = await runCommand(["kubectl", `--kubeconfig=${kubeconfig}`, `--namespace=${NAMESPACE}`, "delete", "pod", POD], { cwd: ROOT, limitSeconds: 900 })
      if (ended.status !== 0) throw new Error(ended.output)
      serving()
    },
    renew: () => {
      rmSync(join(certificates, "engine.crt"))
      issue()
    },
    cpuSeconds: () => Number(kubectl("exec", POD, "-c", "dagger-engine", "--", "cat", "/sys/fs/cgroup/cpuacct/cpuacct.usage")) / 1e9,
    remove: () => {
      clear()
      rmSync(work, { recursive: true, force: true })
      if (!wasUp) kit("cluster", "down")
    },
  }
}
