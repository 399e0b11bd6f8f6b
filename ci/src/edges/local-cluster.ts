import { dag, type Container, type Service as DaggerService } from "@dagger.io/dagger"
import { registriesFile, K3S_ARGUMENTS } from "../core/cluster/k3s.js"
import { withPlatformImages } from "../core/cluster/platform.js"
import { lastLines } from "../core/gates/exec.js"
import { packageChartImages } from "./chart-images.js"
import { nextNonce, runCommands, uncached } from "./exec.js"
import { containerOf } from "./image-container.js"
import { kubeConnection } from "./kube-request.js"
import { publishBase } from "./publish-once.js"
import type { Run } from "./run.js"
import { STAGING_ADDRESS, STAGING_ALIAS } from "./staging-registry.js"
import { kubeTools, type Target } from "./target.js"

const ALIAS = "cluster"
const GATEWAY_PORT = 30080
const PROMETHEUS_PORT = 30090
const PLATFORM_IMAGES = ["pause", "coredns", "traefik", "prometheus"]

/** Starts a Kubernetes that lives as long as the call, with DNS and a gateway, and waits until it serves. */
export async function startLocalCluster(run: Run): Promise<Target> {
  const { runId } = run.header
  const registry = await run.stagingRegistry()
  // Whoever needs them waits for them, and gets their error.
  packageChartImages(run).catch(() => undefined)
  const images = await publishPlatformImages(run)
  const shared = dag.cacheVolume(`delivery-kubeconfig-${runId}`)
  const cluster = await containerOf(run.checkout.image(run.imageProfile === "mirror" ? "kubernetes-airgap" : "k3s"))
    .withServiceBinding(STAGING_ALIAS, registry)
    .withNewFile("/etc/rancher/k3s/registries.yaml", registriesFile(STAGING_ADDRESS, `http://${STAGING_ALIAS}:5000`))
    // In memory: it dies with the call, and an overlay file system on the container's own overlay is refused.
    .withMountedTemp("/var/lib/rancher/k3s")
    .withMountedTemp("/var/lib/kubelet")
    .withMountedCache("/shared", shared)
    .withExposedPort(6443)
    .withExposedPort(GATEWAY_PORT, { experimentalSkipHealthcheck: true })
    .withExposedPort(PROMETHEUS_PORT, { experimentalSkipHealthcheck: true })
    .asService({
      useEntrypoint: true,
      insecureRootCapabilities: true,
      args: ["server", ...K3S_ARGUMENTS, `--tls-san=${ALIAS}`, `--pause-image=${images["pause"]}`, "--write-kubeconfig=/shared/kubeconfig"],
    })
    .start()
  const text = await readKubeconfig(run, cluster, shared)
  const hostname = await cluster.hostname()
  const target: Target = {
    kubeconfig: dag.setSecret(`kubeconfig-${runId}`, text),
    connect: (container: Container) => container.withServiceBinding(ALIAS, cluster),
    connection: { ...(await kubeConnection(text)), url: `https://${hostname}:6443`, serverName: ALIAS },
    gatewayUrl: `http://${ALIAS}:${GATEWAY_PORT}`,
    ownGatewayUrl: `http://${hostname}:${GATEWAY_PORT}`,
    prometheusUrl: `http://${ALIAS}:${PROMETHEUS_PORT}`,
    ownPrometheusUrl: `http://${hostname}:${PROMETHEUS_PORT}`,
  }
  await applyPlatform(run, target, images)
  return target
}

async function publishPlatformImages(run: Run): Promise<Readonly<Record<string, string>>> {
  const published = await Promise.all(
    PLATFORM_IMAGES.map(async (key): Promise<[string, string]> => {
      const repository = `platform/${key}`
      const { digest } = await publishBase(run, repository, run.checkout.image(key))
      return [key, `${STAGING_ADDRESS}/${repository}@${digest}`]
    }),
  )
  return Object.fromEntries(published)
}

async function readKubeconfig(run: Run, cluster: DaggerService, shared: ReturnType<typeof dag.cacheVolume>): Promise<string> {
  const wait = `for i in $(seq 600); do if [ -s /shared/kubeconfig ]; then cat /shared/kubeconfig; exit; fi; sleep 0.1; done
echo "the cluster wrote no kubeconfig within 60 s" >&2; exit 1`
  const reader = containerOf(run.checkout.image("debian")).withServiceBinding(ALIAS, cluster).withMountedCache("/shared", shared)
  const text = await uncached(reader, nextNonce(run.header.runId)).withExec(["sh", "-euc", wait]).stdout()
  return text.replace(/https:\/\/[^:]+:6443/, `https://${ALIAS}:6443`)
}

async function applyPlatform(run: Run, target: Target, images: Readonly<Record<string, string>>): Promise<void> {
  let files = dag.directory()
  for (const folder of ["manifests", "metrics"]) {
    const manifests = run.platform.directory(folder)
    for (const name of await manifests.entries()) files = files.withNewFile(name, withPlatformImages(await manifests.file(name).contents(), images))
  }
  const definitions = ["kubectl", "apply", "--server-side", "-f", "00-namespaces.yaml", "-f", "10-gateway-api-crds.yaml"]
  const commands = [
    ["sh", "-euc", "until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.3; done"],
    definitions,
    ["kubectl", "wait", "--for=condition=Established", "--timeout=60s", "-f", "10-gateway-api-crds.yaml"],
    ["sh", "-euc", "until kubectl get serviceaccount default -n default >/dev/null 2>&1; do sleep 0.2; done"],
    ["kubectl", "apply", "--server-side", "-f", "20-coredns.yaml", "-f", "30-traefik.yaml", "-f", "prometheus.yaml"],
    ["kubectl", "rollout", "status", "-n", "kube-system", "deployment/coredns", "--timeout=120s"],
    ["kubectl", "rollout", "status", "-n", "gateway", "deployment/traefik", "--timeout=120s"],
    ["kubectl", "rollout", "status", "-n", "monitoring", "deployment/prometheus", "--timeout=120s"],
  ]
  const tools = uncached(kubeTools(run.checkout, target), nextNonce(run.header.runId)).withDirectory("/work", files)
  const results = await runCommands(tools, commands, { runId: run.header.runId, timeoutSeconds: 450 })
  const broken = results.find(({ exitCode }) => exitCode !== 0)
  if (broken !== undefined) {
    throw new Error(`the cluster of local did not come up: ${broken.argv.join(" ")} ended with ${broken.exitCode}: ${lastLines(broken.stderr || broken.stdout, 5)}`)
  }
}
