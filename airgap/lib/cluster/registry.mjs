// The cluster's own registry for product images: on the host's end of the cluster's wire, where nodes, engine and host reach it and nobody else does.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { bind, writeServiceBundle } from "./bundle.mjs"
import { create, logTail, remove, runningPid, start } from "./containers.mjs"
import { bundle, places, registry, registryAddress } from "./places.mjs"

const startMs = 15_000
const storage = "/var/lib/docker-registry"
const configurationInside = "/etc/docker/registry/config.yml"

export async function registryAnswers() {
  const answer = await fetch(`http://${registryAddress}/v2/`, { signal: AbortSignal.timeout(3000) }).catch((error) => {
    throw new Error(`http://${registryAddress}: ${error.cause?.message ?? error.message}`)
  })
  await answer.arrayBuffer()
  if (!answer.ok) throw new Error(`http://${registryAddress}/v2/: status ${answer.status}, expected 200`)
  return `${registryAddress} (plain HTTP)`
}

/** Starts it unless it runs. Its address must exist. */
export async function ensureRegistry(run) {
  if (!runningPid(registry)) {
    await remove(registry)
    for (const directory of [bundle(registry), places.images]) mkdirSync(directory, { recursive: true })
    const configuration = join(bundle(registry), "config.yml")
    const settings = { version: 0.1, log: { level: "warn", accesslog: { disabled: true } }, storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } }, http: { addr: registryAddress } }
    writeFileSync(configuration, JSON.stringify(settings))
    writeServiceBundle(registry, { args: ["docker-registry", "serve", configurationInside], mounts: [bind(places.images, storage), bind(configuration, configurationInside, "ro")] })
    await create(run, registry)
    await start(run, registry)
  }
  for (const started = Date.now(); ; await new Promise((resolve) => setTimeout(resolve, 100))) {
    try {
      return await registryAnswers()
    } catch (error) {
      if (!runningPid(registry) || Date.now() - started > startMs) throw new Error(`the cluster's registry does not serve: ${error.message}\n${logTail(registry)}`)
    }
  }
}
