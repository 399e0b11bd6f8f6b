import { dag, type Directory } from "@dagger.io/dagger"
import { counted, errorGate, notConfiguredGate, passedGate } from "../../core/gates/gate.js"
import { digestOf, imageRepository } from "../../core/release.js"
import { ATTESTATION_KINDS, attestArguments, cosignStep, signArguments, verifyArguments, type AttestationKind, type SignedPlace } from "../../core/signing/cosign.js"
import { readVerify, signingFault, strangerFault } from "../../core/signing/cosign-words.js"
import { attestedDigests, missingReferrers, type SignedReferrer } from "../../core/signing/signed-referrers.js"
import { chooseSigner, describeSigner, NO_SIGNING, type Signer } from "../../core/signing/signer.js"
import { signedRepository } from "../../core/signing/registry-api.js"
import type { Step } from "../../core/steps/step.js"
import { provenancePredicate } from "../../core/provenance/provenance.js"
import { buildFacts } from "../build-facts.js"
import { bundleChart } from "../chart-bundle.js"
import { packageChartImages } from "../chart-images.js"
import { cosignContainer, predicatesFolder, runCosign, type CosignRun } from "../cosign.js"
import { textFile } from "../exec.js"
import { releaseArtifact } from "../release-store.js"
import { releaseOfRun } from "../run-release.js"
import type { Run, StageWork } from "../run.js"
import type { SignedDigest } from "../signed-release.js"
import { ephemeralKeys, keysOf } from "../signer-keys.js"
import { readSignedReferrers, stagingRepository } from "../staging-repository.js"
import { STAGING_ADDRESS, STAGING_ALIAS } from "../staging-registry.js"

/** Signs the images of the release in the run's own registry, says what they are made of and from, and signs release.json: what `push` then copies. */
export const sign: StageWork = async (run, planned, attempt) => {
  const { config } = run.checkout
  const { runId } = run.header
  const choice = chooseSigner(config.signing, (name) => run.credentials.has(name), run.pushesToRegistry)
  if (choice.signer === null) {
    if (choice.missing.length === 0) return { gate: notConfiguredGate(NO_SIGNING) }
    return { gate: errorGate(`signing needs credentials that this call did not bring: ${choice.missing.join(", ")}. Set them in the environment; without daggerw add --credentials env:NAME for each.`) }
  }
  const { signer, remark } = choice
  const missing = Object.keys(config.services).filter((name) => !run.packaged.has(name))
  if (missing.length > 0) return { gate: errorGate(`there is no image of ${missing.join(", ")} in this run: package was left out`) }
  await packageChartImages(run)
  const keys = signer.kind === "ephemeral" ? await ephemeralKeys(run, cosignContainer(run)) : await keysOf(run, signer)
  const folder = signedRepository(runId, attempt)
  const images = await Promise.all([...run.packaged].map(([name, { digest }]) => subjectOf(run, folder, name, digest)))
  const job = { keys, inStaging: true, timeoutSeconds: planned.timeoutSeconds }

  const predicates = await writePredicates(run, images)
  const signedImages = await runCosign(run, { ...job, lists: images.map((image, index) => imageSteps(signer, image, index)), predicates })
  const output = (gate: ReturnType<typeof errorGate>, logs: readonly CosignRun[], files: Directory = dag.directory()) => ({
    gate,
    evidence: files.withDirectory("/", textFile("logs/sign.log", `${logs.map(({ log }) => log).join("\n")}`)).withDirectory("provenance", provenanceFiles(predicates, images)),
  })
  const fault = faultOf(signedImages, signer, planned.timeoutSeconds)
  if (fault !== null) return output(errorGate(fault), [signedImages])

  const referrers = new Map(await Promise.all(images.map(async ({ name, repository, digest }): Promise<[string, readonly SignedReferrer[]]> => [name, await readSignedReferrers(run, repository, digest)])))
  const lost = images.flatMap(({ name, kinds }) => missingReferrers(name, referrers.get(name) ?? [], kinds))
  if (lost.length > 0) return output(errorGate(`the run's registry lost what cosign wrote: ${lost.join("; ")}`), [signedImages])

  const words = `${counted(images.length, "image")} and release.json signed by ${describeSigner(signer)}${remark === null ? "" : ` (${remark})`}; ${describeAttested(images)}`
  const bundle = await bundleChart(run)
  const release = releaseOfRun(run, { ...attestedDigests(referrers), chartDigest: bundle?.digest ?? null, signed: words })
  const ref = await releaseArtifact(release).publish(`${STAGING_ADDRESS}/${folder}/${config.project}:release`, { registryService: await run.stagingRegistry() })
  const artifact = { repository: `${folder}/${config.project}`, digest: digestOf(ref) }
  const signedRelease = await runCosign(run, { ...job, lists: [[cosignStep("sign", signArguments(signer, placeOf(artifact)))]] })
  const releaseFault = faultOf(signedRelease, signer, planned.timeoutSeconds)
  if (releaseFault !== null) return output(errorGate(`release.json: ${releaseFault}`), [signedImages, signedRelease])
  run.signed = {
    signer,
    keys,
    release,
    images: new Map(images.map(({ name, repository, digest }) => [name, { repository, digest, referrers: referrers.get(name) ?? [] }])),
    artifact: { ...artifact, referrers: await readSignedReferrers(run, artifact.repository, artifact.digest) },
  }
  const publicKey = keys.publicKey === null ? dag.directory() : textFile("signing/cosign.pub", keys.publicKey)
  return output(passedGate(words), [signedImages, signedRelease], publicKey)
}

interface ImageSubject extends Pick<SignedDigest, "repository" | "digest"> {
  readonly name: string
  readonly kinds: readonly AttestationKind[]
  /** Built by this pipeline. */
  readonly isOurs: boolean
}

/** The image in a repository of this attempt alone: what other runs said of the same digest is not in its index, and a layer is not sent again. */
async function subjectOf(run: Run, folder: string, name: string, digest: string): Promise<ImageSubject> {
  const { config } = run.checkout
  const image = imageRepository(config, name)
  const repository = `${folder}/${image}`
  await (await stagingRepository(run, repository)).copyFrom(await stagingRepository(run, image), digest)
  const sboms = run.described.get(name)?.sboms ?? {}
  // An image that the chart needs besides was made by its publisher: how, we cannot say.
  const isOurs = name in config.services
  const kinds = ATTESTATION_KINDS.filter((kind) => (kind === "provenance" ? isOurs : sboms[kind] !== undefined))
  return { name, digest, repository, kinds, isOurs }
}

const placeOf = ({ repository, digest }: Pick<SignedDigest, "repository" | "digest">): SignedPlace => ({ ref: `${STAGING_ALIAS}:5000/${repository}@${digest}`, plainHttp: true })
const predicateFile = (name: string, kind: AttestationKind): string => `${name}.${kind}.json`

function imageSteps(signer: Signer, subject: ImageSubject, index: number): readonly Step[] {
  const place = placeOf(subject)
  return [
    cosignStep(`${index}-sign`, signArguments(signer, place)),
    ...subject.kinds.map((kind) => cosignStep(`${index}-${kind}`, attestArguments(signer, kind, `${predicatesFolder}/${predicateFile(subject.name, kind)}`, place))),
    // A private key whose public half is another than delivery.yaml's would sign what no deploy accepts.
    cosignStep(`${index}-verify`, verifyArguments(signer, place), true),
  ]
}

async function writePredicates(run: Run, images: readonly ImageSubject[]): Promise<Directory> {
  let folder = dag.directory()
  for (const { name, isOurs } of images) {
    if (isOurs) folder = folder.withNewFile(predicateFile(name, "provenance"), `${JSON.stringify(provenancePredicate(await buildFacts(run, name)), null, 2)}\n`)
    const { cyclonedx, spdx } = run.described.get(name)?.sboms ?? {}
    if (cyclonedx !== undefined) folder = folder.withFile(predicateFile(name, "cyclonedx"), cyclonedx)
    if (spdx !== undefined) folder = folder.withFile(predicateFile(name, "spdx"), spdx)
  }
  return folder
}

/** For the run's folder, where the component lists are already. */
function provenanceFiles(predicates: Directory, images: readonly ImageSubject[]): Directory {
  return images.filter(({ isOurs }) => isOurs).reduce((folder, { name }) => folder.withFile(`${name}.json`, predicates.file(predicateFile(name, "provenance"))), dag.directory())
}

/** The first thing that kept cosign from its work; null when all of it was done. */
function faultOf({ outcomes }: CosignRun, signer: Signer, timeoutSeconds: number): string | null {
  for (const exec of outcomes.values()) {
    if (exec.argv[1] === "verify") {
      const verified = readVerify(exec, timeoutSeconds)
      if (verified.kind === "broken") return verified.detail
      if (verified.kind === "refused") return strangerFault(exec, signer)
    } else if (exec.exitCode !== 0) return signingFault(exec, signer)
  }
  return null
}

function describeAttested(images: readonly ImageSubject[]): string {
  const without = images.filter(({ kinds, isOurs }) => kinds.length < ATTESTATION_KINDS.length - (isOurs ? 0 : 1)).map(({ name }) => name)
  return without.length === 0 ? "SBOMs (CycloneDX, SPDX) and provenance (SLSA Build L1) attested" : `provenance (SLSA Build L1) attested, no SBOM of ${without.join(", ")}: scan-images was left out`
}
