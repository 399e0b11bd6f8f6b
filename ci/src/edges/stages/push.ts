import { UsageError } from "../../core/errors.js"
import { counted, errorGate, passedGate } from "../../core/gates/gate.js"
import { imageRepository, releaseTag, renderRelease } from "../../core/release.js"
import { RegistryError } from "../../core/signing/registry-api.js"
import { describeSigner } from "../../core/signing/signer.js"
import { judgeSubjects } from "../../core/signing/verify-images.js"
import { bundleChart, pushBundle } from "../chart-bundle.js"
import { packageChartImages } from "../chart-images.js"
import { imageTags } from "../../core/package/image-facts.js"
import { textFile } from "../exec.js"
import { pushRelease, registryOf, registryRepository } from "../release-store.js"
import { releaseOfRun } from "../run-release.js"
import type { Run, StageWork } from "../run.js"
import type { SignedDigest, SignedRelease } from "../signed-release.js"
import { stagingRepository } from "../staging-repository.js"
import { STAGING_ADDRESS } from "../staging-registry.js"
import { verifyRelease } from "../verified-release.js"

/** Copies the images that have passed to the real registry, with what was signed of them, and last release.json; for `local` the run's own registry is the real one. */
export const push: StageWork = async (run) => {
  const { commit, dirty } = run.header
  if (run.pushesToRegistry && dirty) {
    throw new UsageError(`push to ${registryOf(run).address}: the tree has changes that no commit holds, so the release would have no name. Commit or stash them.`)
  }
  await packageChartImages(run)
  const address = run.pushesToRegistry ? registryOf(run).address : STAGING_ADDRESS
  const bundle = await bundleChart(run)
  const release = run.signed?.release ?? releaseOfRun(run, { chartDigest: bundle?.digest ?? null })
  const evidence = textFile("release.json", renderRelease(release))
  const count = counted(Object.keys(release.images).length, "image")
  if (!run.pushesToRegistry) {
    run.release = release
    return { gate: passedGate(`${count} and release.json in the run's own registry`), evidence }
  }
  const changed = await copyImages(run, address)
  if (changed.length > 0) return { gate: errorGate(`the registry stored other digests than were built: ${changed.join(", ")}`), evidence }
  if (bundle !== null) await pushBundle(run, bundle, release.commit)
  if (run.signed === null) {
    run.releaseRef = await pushRelease(run, release)
    run.release = release
    return { gate: passedGate(`${count} and release.json in ${address}, unsigned`), evidence }
  }
  try {
    for (const [name, image] of run.signed.images) await copySigned(run, imageRepository(run.checkout.config, name), image)
    await copyReleaseArtifact(run, run.signed, releaseTag(commit))
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    return { gate: errorGate(refusedReferrers(address, error)), evidence }
  }
  run.releaseRef = `${address}/${run.checkout.config.project}@${run.signed.artifact.digest}`
  // What was copied is asked as a deploy will ask: a registry that lost a signature is found out now, not at night.
  const { gate: asked, verdicts } = await verifyRelease(run, { release, ref: run.releaseRef }, run.signed.signer)
  const gate = asked.verdict === "failed" ? judgeSubjects(verdicts, run.signed.signer, { refused: "not accepted" }) : asked
  if (gate.verdict !== "passed") return { gate: errorGate(`pushed to ${address}, and no deploy would accept it: ${gate.reason}`, gate.findings), evidence }
  run.release = release
  return { gate: passedGate(`${count} and release.json in ${address}, verified there: signed by ${describeSigner(run.signed.signer)}`), evidence }
}

async function copyImages(run: Run, address: string): Promise<readonly string[]> {
  const changed: string[] = []
  for (const [name, { digest }] of run.packaged) {
    const image = imageRepository(run.checkout.config, name)
    const target = await registryRepository(run, image)
    // The very bytes: what the engine pushes has another digest.
    const manifest = await target.copyFrom(await stagingRepository(run, image), digest)
    for (const tag of imageTags({ commit: run.header.commit, version: run.version })) {
      await target.putManifest(tag, manifest)
      const there = (await target.manifest(tag))?.digest ?? "nothing"
      if (there !== digest) changed.push(`${address}/${image}:${tag}: built ${digest}, stored ${there}`)
    }
  }
  return changed
}

/** The very bytes of signatures and attestations: nothing is signed again, so `push` needs no key. */
async function copySigned(run: Run, image: string, { repository, digest, referrers }: SignedDigest): Promise<void> {
  await (await registryRepository(run, image)).copyReferrers(await stagingRepository(run, repository), digest, referrers)
}

/** The tag comes last: before it no deploy finds the release. */
async function copyReleaseArtifact(run: Run, { artifact }: SignedRelease, tag: string): Promise<void> {
  const { project } = run.checkout.config
  const [target, source] = await Promise.all([registryRepository(run, project), stagingRepository(run, artifact.repository)])
  const manifest = await target.copyFrom(source, artifact.digest)
  await copySigned(run, project, artifact)
  await target.putManifest(tag, manifest)
}

function refusedReferrers(address: string, error: RegistryError): string {
  return (
    `${address} took the images and refused what was signed of them: ${error.message}. Expected a registry that takes OCI image manifests with \`subject\` ` +
    "(OCI 1.1, or any that stores manifests of unknown artifact types and the tag sha256-<digest>). release.json was not written, so nothing can be deployed from there. " +
    "Use another registry, or update this one; leaving `signing` out of delivery.yaml pushes without signatures."
  )
}
