import { dag, type Container } from "@dagger.io/dagger"
import type { RegistryConfig } from "../core/config/registry.js"
import { UsageError } from "../core/errors.js"
import { parseRelease, releaseTag, renderRelease, ReleaseError, type Release } from "../core/release.js"
import { nextNonce, uncached } from "./exec.js"
import type { Run } from "./run.js"

/** The registry of delivery.yaml; a call that needs it and has none is refused. */
export function registryOf(run: Run): RegistryConfig {
  const { registry } = run.checkout.config
  if (registry === null) throw new UsageError("delivery.yaml: expected `registry` with the address to push to, got none. Only environment local does without.")
  return registry
}

/** Gives the registry's account to a container, if the call came with one. */
export function withRegistryAccount(run: Run, container: Container): Container {
  const registry = registryOf(run)
  const password = run.credentials.get(registry.password ?? "")
  const username = run.credentials.get(registry.username ?? "")
  if (password === undefined || username === undefined) return container
  return container.withRegistryAuth(registry.address, accountNames.get(registry.address) ?? "", password)
}

const accountNames = new Map<string, string>()

/** The account's name is no secret to the engine, which wants it as text. */
export async function readAccountName(run: Run): Promise<void> {
  const registry = registryOf(run)
  const username = run.credentials.get(registry.username ?? "")
  if (username !== undefined) accountNames.set(registry.address, await username.plaintext())
}

/** release.json as an OCI artifact of one file: the same account and the same network path as the images themselves. */
export async function pushRelease(run: Run, release: Release): Promise<string> {
  const registry = registryOf(run)
  const artifact = withRegistryAccount(run, dag.container().withNewFile("/release.json", renderRelease(release)))
  return artifact.publish(`${registry.address}/${run.checkout.config.project}:${releaseTag(release.commit)}`)
}

/** The release of a commit, as an earlier push left it. */
export async function pullRelease(run: Run, commit: string): Promise<Release> {
  const registry = registryOf(run)
  const ref = `${registry.address}/${run.checkout.config.project}:${releaseTag(commit)}`
  try {
    const text = await withRegistryAccount(run, uncached(dag.container(), nextNonce(run.header.runId))).from(ref).file("/release.json").contents()
    return parseRelease(text, ref)
  } catch (error) {
    if (error instanceof ReleaseError) throw error
    throw new UsageError(`no release of commit ${commit} in ${registry.address} (${ref}). Run \`./daggerw call push\` first. The registry said: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`)
  }
}
