import { UsageError } from "../../core/errors.js"
import { errorGate, passedGate } from "../../core/gates/gate.js"
import { digestOf, makeRelease, renderRelease } from "../../core/release.js"
import { textFile } from "../exec.js"
import { pushRelease, readAccountName, registryOf, withRegistryAccount } from "../release-store.js"
import { packagedDigests, releaseName, type Run, type StageWork } from "../run.js"
import { STAGING_ADDRESS } from "../staging-registry.js"

/** Copies the images that have passed to the real registry and writes release.json beside them; for `local` the run's own registry is the real one. */
export const push: StageWork = async (run) => {
  const { commit, dirty } = run.header
  const digests = packagedDigests(run)
  if (run.pushesToRegistry && dirty) {
    throw new UsageError(`push to ${registryOf(run).address}: the tree has changes that no commit holds, so the release would have no name. Commit or stash them.`)
  }
  const address = run.pushesToRegistry ? registryOf(run).address : STAGING_ADDRESS
  const release = makeRelease(releaseName(run), address, run.checkout.config, digests)
  const evidence = textFile("release.json", renderRelease(release))
  if (run.pushesToRegistry) {
    const changed = await copyImages(run, address)
    if (changed.length > 0) return { gate: errorGate(`the registry stored other digests than were built: ${changed.join(", ")}`), evidence }
    await pushRelease(run, release)
  }
  run.release = release
  const count = Object.keys(release.images).length
  return { gate: passedGate(`${count} images and release.json in ${run.pushesToRegistry ? address : "the run's own registry"}`), evidence }
}

async function copyImages(run: Run, address: string): Promise<readonly string[]> {
  await readAccountName(run)
  const changed: string[] = []
  for (const [name, { container, digest }] of run.packaged) {
    const image = run.checkout.config.services[name]?.image ?? name
    const ref = await withRegistryAccount(run, container).publish(`${address}/${image}:${run.header.commit}`)
    if (digestOf(ref) !== digest) changed.push(`${name}: built ${digest}, stored ${digestOf(ref)}`)
  }
  return changed
}
