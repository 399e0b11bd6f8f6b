// A namespace of the lasting cluster that releases are deployed to, by whoever is bound to the deployer's Role and by nobody else.
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parse, stringify } from "yaml"
import { removeAfterTests } from "./cleanup.js"
import type { Ended, RunningCommand } from "./command.js"
import { daggerw, newRunId, ROOT, startCall } from "./daggerw.js"
import { faultTree, writeDeployment, type FaultyDeployment } from "./fault-tree.js"
import { kit } from "./kit.js"
import { claimGateway } from "./lasting-gateway.js"
import { pinnedImage } from "./pinned-image.js"
import { putFileImage } from "./registry-artifact.js"
import { runFolder } from "./runs.js"
import type { Tree } from "./trees.js"

const REGISTRY = "10.90.0.1:5000"
export const GATEWAY = "http://10.90.0.2:30080/"
export const PROMETHEUS = "http://10.90.0.2:30090"
const TEN_MS = 10_000
/** The release with what `push` stored of it, and two others that name its parts: with the chart of the checkout, a fault is a change of the tree. */
export const RELEASES = { good: "1".repeat(40), faulty: "2".repeat(40), imageless: "3".repeat(40) }


export interface StagingOptions {
  readonly commit?: string
  readonly kubeconfig?: string
  readonly env?: Readonly<Record<string, string>>
  readonly argv?: readonly string[]
}

export interface StagingCall extends Ended {
  readonly runId: string
}

export interface HelmSecret {
  readonly version: string
  readonly status: string
}

/** What tests of one namespace share. */
export interface Staging {
  readonly namespace: string
  readonly tree: Tree
  /** Of the deployer. */
  readonly kubeconfig: string
  /** As the cluster's administrator. */
  readonly kubectl: (...argv: readonly string[]) => string
  readonly apply: (manifest: object) => string
  readonly start: (argv: readonly string[], options?: StagingOptions) => RunningCommand & { readonly runId: string }
  readonly call: (argv: readonly string[], options?: StagingOptions) => Promise<StagingCall>
  /** Writes the deployment into the tree and deploys it. */
  readonly deploy: (deployment: FaultyDeployment, options?: StagingOptions) => Promise<StagingCall>
  readonly revisions: () => readonly HelmSecret[]
  readonly page: () => Promise<string>
  readonly close: () => void
}

/** Brings the cluster up, prepares the namespace as an administrator does, and pushes the release. */
export async function openStaging(namespace: string): Promise<Staging> {
  const wasUp = kit("cluster", "status").includes("is Ready")
  kit("cluster", "up")
  const folder = mkdtempSync(join(tmpdir(), "delivery-staging-"))
  removeAfterTests(folder)
  const admin = kit("cluster", "kubeconfig")
  writeFileSync(join(folder, "config"), admin, { mode: 0o600 })
  const kubectl = (...argv: readonly string[]): string => execFileSync("kubectl", argv, { encoding: "utf8", env: { ...process.env, KUBECONFIG: join(folder, "config") } })
  const applyText = (text: string, ...flags: readonly string[]): string => {
    writeFileSync(join(folder, "manifest"), text)
    return kubectl("apply", ...flags, "-f", join(folder, "manifest"))
  }
  claimGateway(kubectl, namespace)
  const platform = await renderPlatform(folder, namespace)
  for (const part of namespacesFirst(platform)) applyText(part, "--server-side", "--force-conflicts")
  const token = kubectl("create", "token", "deployer", "-n", namespace, "--duration=6h").trim()
  const kubeconfig = admin.replace(/token: [^\s,}]+/, `token: ${token}`)

  const tree = faultTree(namespace)
  const start: Staging["start"] = (argv, { commit = RELEASES.good, kubeconfig: config = kubeconfig, env = {} } = {}) => {
    const runId = newRunId("deploy")
    const credentials = ["KUBECONFIG_STAGING", ...Object.keys(env)].map((name) => `--credentials=env:${name}`)
    const running = startCall([`--source=${tree.path}`, `--commit=${commit}`, "--dirty=false", ...credentials, `--run-id=${runId}`, ...argv], { env: { KUBECONFIG_STAGING: config, ...env } })
    return { ...running, runId }
  }
  const call: Staging["call"] = async (argv, options) => {
    const { ended, runId } = start(argv, options)
    return { ...(await ended), runId }
  }
  const staging: Staging = {
    namespace,
    tree,
    kubeconfig,
    kubectl,
    apply: (manifest) => applyText(JSON.stringify(manifest)),
    start,
    call,
    deploy: (deployment, options = {}) => {
      writeDeployment(tree, namespace, deployment)
      return call(["deploy", "--environment=staging", ...(options.argv ?? [])], { commit: RELEASES.faulty, ...options })
    },
    revisions: () => {
      const { items } = JSON.parse(kubectl("get", "secrets", "-n", namespace, "-l", "owner=helm,name=hello", "-o", "json")) as { items: { metadata: { labels: HelmSecret } }[] }
      return items.map(({ metadata }) => metadata.labels).sort((one, other) => Number(one.version) - Number(other.version))
    },
    page: async () => (await fetch(GATEWAY, { signal: AbortSignal.timeout(TEN_MS) })).text(),
    close: () => {
      if (!wasUp) kit("cluster", "down")
      // The platform stays: an API server whose policies were taken away and put back finds their settings no more (Kubernetes 1.34).
      else kubectl("delete", "namespace", namespace, "--ignore-not-found")
    },
  }
  await pushReleases(staging)
  return staging
}

/** The platform's chart for one namespace, rendered by the Helm of pins.yaml. */
async function renderPlatform(folder: string, namespace: string): Promise<string> {
  const values = join(folder, "platform-values.yaml")
  const others = Object.keys((parse(readFileSync(join(ROOT, "charts/platform/values.yaml"), "utf8")) as { environments: object }).environments)
  writeFileSync(values, stringify({ environments: { ...Object.fromEntries(others.map((name) => [name, null])), [namespace]: { registries: [`${REGISTRY}/`] } } }))
  const files = `with-directory /chart $(host | directory ${ROOT}/charts/platform) | with-file /values.yaml $(host | file ${values})`
  const chain = `container | from ${pinnedImage("helm")} | ${files} | with-exec helm,template,platform,/chart,--namespace=delivery-system,--values=/values.yaml | stdout`
  const rendered = await daggerw(["-M", "-s", "-c", chain])
  if (rendered.status !== 0) throw new Error(`helm template of the platform: ${rendered.output}`)
  return rendered.stdout
}

/** A Role is refused as long as its namespace is not there. */
function namespacesFirst(manifests: string): readonly string[] {
  const documents = manifests.split(/^---$/m).filter((text) => text.trim() !== "")
  const isNamespace = (text: string): boolean => /^kind: Namespace$/m.test(text)
  return [documents.filter(isNamespace), documents.filter((text) => !isNamespace(text))].map((part) => part.join("\n---\n"))
}

async function pushReleases({ call }: Staging): Promise<void> {
  const pushed = await call(["push", "--skip=scan-images"])
  if (pushed.status !== 0) throw new Error(`push ended with ${pushed.status}:\n${pushed.output}`)
  const release = JSON.parse(runFolder(join(ROOT, ".delivery/runs", pushed.runId), pushed.runId).text("release.json")) as { commit: string; images: { hello: { ref: string } } }
  const put = (commit: string, ref: string): Promise<string> =>
    putFileImage(REGISTRY, "hello", `release-${commit}`, "release.json", JSON.stringify({ ...release, commit, chartDigest: null, images: { hello: { kind: "service", ref } } }))
  const { ref } = release.images.hello
  await put(RELEASES.faulty, ref)
  await put(RELEASES.imageless, ref.replace(/sha256:.*/, `sha256:${"0".repeat(64)}`))
}
