import { dag, type Container, type Secret } from "@dagger.io/dagger"
import type { EnvironmentConfig } from "../core/config/environments.js"
import { UsageError } from "../core/errors.js"
import type { Checkout } from "./checkout.js"
import { containerOf } from "./image-container.js"
import { kubeConnection, type KubeConnection } from "./kube-request.js"

/** A cluster that one environment deploys to. */
export interface Target {
  readonly kubeconfig: Secret
  /** Adds what a container needs to reach the cluster by the names of the kubeconfig. */
  readonly connect: (container: Container) => Container
  /** For requests from the module itself. */
  readonly connection: KubeConnection
  /** Address of the gateway as containers reach it; null when delivery.yaml gives none. */
  readonly gatewayUrl: string | null
  /** The same as the module itself reaches it. */
  readonly ownGatewayUrl: string | null
  /** Address of Prometheus as containers reach it; null when delivery.yaml gives none. */
  readonly prometheusUrl: string | null
  /** The same as the module itself reaches it. */
  readonly ownPrometheusUrl: string | null
}

/** The cluster of a named environment, by the kubeconfig that came with the call. */
export async function remoteTarget(environment: EnvironmentConfig, credentials: ReadonlyMap<string, Secret>): Promise<Target> {
  const name = environment.kubeconfig ?? ""
  const kubeconfig = credentials.get(name)
  if (kubeconfig === undefined) {
    throw new UsageError(
      `environment ${environment.name}: expected the credential ${name} (delivery.yaml, environments.${environment.name}.kubeconfig), got none. ` +
        `Set the environment variable ${name} to the text of a kubeconfig; without daggerw add --credentials env:${name}.`,
    )
  }
  return {
    kubeconfig,
    connect: (container) => container,
    connection: await kubeConnection(await kubeconfig.plaintext()),
    gatewayUrl: environment.baseUrl,
    ownGatewayUrl: environment.baseUrl,
    prometheusUrl: environment.prometheus,
    ownPrometheusUrl: environment.prometheus,
  }
}

/** Helm and kubectl in one container, with the chart's tree at /work. */
export function kubeTools(checkout: Checkout, target: Target): Container {
  const kubectl = dag.container().from(checkout.image("kubectl")).file("/bin/kubectl")
  return target
    .connect(containerOf(checkout.image("helm")))
    .withoutEntrypoint()
    .withUser("0")
    .withFile("/usr/local/bin/kubectl", kubectl, { permissions: 0o755 })
    .withMountedSecret("/kube/config", target.kubeconfig)
    .withEnvVariable("KUBECONFIG", "/kube/config")
    .withWorkdir("/work")
}
