import { dag, type Container } from "@dagger.io/dagger"
import type { RegistryConfig } from "../core/config/registry.js"
import { UsageError } from "../core/errors.js"
import { digestOf, isDigest, parseRelease, releaseTag, renderRelease, ReleaseError, type Release } from "../core/release.js"
import { registryPlace } from "../core/signing/registry-api.js"
import { nextNonce, uncached } from "./exec.js"
import { RegistryRepository, type RegistryAccount } from "./registry-client.js"
import type { Run } from "./run.js"

const DOCKER_CONFIG = "/delivery/docker"

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

async function accountOf(run: Run): Promise<RegistryAccount | null> {
  const registry = registryOf(run)
  const [username, password] = [registry.username, registry.password].map((name) => run.credentials.get(name ?? ""))
  return username === undefined || password === undefined ? null : { username: await username.plaintext(), password: await password.plaintext() }
}

/** The same account for a tool that reads Docker's file: a secret, so it is in no layer and no argument. */
export async function withRegistryConfig(run: Run, container: Container): Promise<Container> {
  const account = await accountOf(run)
  if (account === null) return container
  const { host } = registryPlace(`${registryOf(run).address}/x`)
  const auth = Buffer.from(`${account.username}:${account.password}`).toString("base64")
  const file = JSON.stringify({ auths: { [host === "registry-1.docker.io" ? "https://index.docker.io/v1/" : host]: { auth } } })
  return container.withEnvVariable("DOCKER_CONFIG", DOCKER_CONFIG).withMountedSecret(`${DOCKER_CONFIG}/config.json`, dag.setSecret(`registry-config-${run.header.runId}`, file))
}

/** A repository below the registry of delivery.yaml. */
export async function registryRepository(run: Run, name: string): Promise<RegistryRepository> {
  return new RegistryRepository(`${registryOf(run).address}/${name}`, await accountOf(run))
}

/** release.json as an OCI artifact of one file: the same account and the same network path as the images themselves. */
export const releaseArtifact = (release: Release): Container => dag.container().withNewFile("/release.json", renderRelease(release))

export async function pushRelease(run: Run, release: Release): Promise<string> {
  const registry = registryOf(run)
  await readAccountName(run)
  const ref = await withRegistryAccount(run, releaseArtifact(release)).publish(`${registry.address}/${run.checkout.config.project}:${releaseTag(release.commit)}`)
  return `${registry.address}/${run.checkout.config.project}@${digestOf(ref)}`
}

/** A release as an earlier call pushed it. */
export interface StoredRelease {
  readonly release: Release
  /** repository@digest: what is verified and what was read are the same bytes. */
  readonly ref: string
}

/** A release in the registry: by its digest, else by its commit, else that of the checkout's commit. */
export async function findRelease(run: Run, wanted: string | null = run.releaseWanted): Promise<StoredRelease> {
  const registry = registryOf(run)
  if (wanted === null && run.header.dirty) {
    throw new UsageError("the tree has changes that no commit holds, so there is no release of it. Commit them and push, or name one: --release <commit or digest>.")
  }
  const byDigest = wanted !== null && isDigest(wanted)
  const commit = wanted ?? run.header.commit
  const repository = `${registry.address}/${run.checkout.config.project}`
  const tagged = byDigest ? `${repository}@${wanted}` : `${repository}:${releaseTag(commit)}`
  await readAccountName(run)
  try {
    const artifact = withRegistryAccount(run, uncached(dag.container(), nextNonce(run.header.runId))).from(tagged)
    const [text, found] = await Promise.all([artifact.file("/release.json").contents(), artifact.imageRef()])
    const release = parseRelease(text, tagged)
    // A tag is anybody's who may push: an older release under it would be a signed one, and not the one that was asked for.
    if (!byDigest && release.commit !== commit) throw new ReleaseError(`${tagged}: expected the release of commit ${commit}, got that of ${release.commit}. Somebody moved the tag; push the release again.`)
    return { release, ref: `${repository}@${digestOf(found)}` }
  } catch (error) {
    if (error instanceof ReleaseError) throw error
    throw new UsageError(`no release of ${byDigest ? "digest" : "commit"} ${commit} in ${registry.address} (${tagged}). Run \`./daggerw call push\` first. The registry said: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`)
  }
}
