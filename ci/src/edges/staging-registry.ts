import { dag, type Service as DaggerService } from "@dagger.io/dagger"
import type { Checkout } from "./checkout.js"
import { containerOf } from "./image-container.js"

/**
 * The host must be localhost: under any other name an unconfigured engine speaks HTTPS.
 * The engine takes the name for the service that it is given with the address.
 */
export const STAGING_ADDRESS = "localhost:5000"
/** The name under which containers and the cluster of the run reach the same registry. */
export const STAGING_ALIAS = "registry"
export const STAGING_PORT = 5000

/** Starts the run's own registry: images wait here until every gate on them has passed. */
export async function startStagingRegistry(checkout: Checkout): Promise<DaggerService> {
  const service = containerOf(checkout.image("registry"))
    .withNewFile("/etc/docker/registry/config.yml", JSON.stringify(CONFIGURATION))
    // Kept between runs: blobs are named by their content, tags by run, and a layer that is there is not sent again.
    .withMountedCache("/var/lib/registry", dag.cacheVolume(`delivery-staging-${checkout.config.project}`))
    .withExposedPort(5000)
    .asService({ args: ["sh", "-c", SERVE] })
  // A service that only a push needs would be stopped after it, and its images be gone.
  return service.start()
}

// It tells every question for what is not there yet as an error of its own: on each run dozens of lines that say nothing.
const SERVE = "registry serve /etc/docker/registry/config.yml 2>&1 | grep -v -e 'err.code=\"blob unknown\"' -e 'err.code=\"manifest unknown\"'"

const CONFIGURATION = {
  version: 0.1,
  log: { level: "error", accesslog: { disabled: true } },
  storage: { filesystem: { rootdirectory: "/var/lib/registry" }, delete: { enabled: true } },
  http: { addr: ":5000" },
}
