import { errorGate, failedGate } from "../core/gates/gate.js"
import { unmetRequirements, type Release } from "../core/release.js"
import { STAGES } from "../core/stage.js"
import { ATTESTATION_KINDS, type AttestationKind } from "../core/signing/cosign.js"
import { configuredSigner, EPHEMERAL_REMARK, NO_SIGNING, type Signer } from "../core/signing/signer.js"
import { judgeSubjects, readSubjects, verifySteps, type SignedSubject, type SubjectVerdict } from "../core/signing/verify-images.js"
import type { GateResult } from "../core/run.js"
import type { PlannedStage } from "../core/plan.js"
import { decodeBase64, runCosign } from "./cosign.js"
import { textFile } from "./exec.js"
import { findRelease, type StoredRelease } from "./release-store.js"
import { environmentOf, type Run, type StageOutput } from "./run.js"
import type { SignedRelease, SignerKeys } from "./signed-release.js"
import { keysOf } from "./signer-keys.js"
import { STAGING_ALIAS } from "./staging-registry.js"

const VERIFY_SECONDS = 120

/** What a verification found, for those who go on and those who tell. */
export interface Verification {
  readonly gate: GateResult
  readonly verdicts: readonly SubjectVerdict[]
  readonly log: string
}

/** The release that a named environment gets; read once a run. */
export async function remoteRelease(run: Run): Promise<StoredRelease> {
  const { release, releaseRef } = run
  if (release !== null && releaseRef !== null) return { release, ref: releaseRef }
  const found = await findRelease(run)
  run.release = found.release
  run.releaseRef = found.ref
  return found
}

/** Whether what is to be deployed may be: stops a stage before its first write, or gives the words for its row. */
export async function verifyBeforeWrite(run: Run, planned: PlannedStage): Promise<{ readonly stop: StageOutput | null; readonly words: string }> {
  const environment = environmentOf(run, planned)
  if (environment.name === "local") return local(run, planned)
  const stored = await remoteRelease(run)
  const required = environment.requires.filter((name) => STAGES.some((stage) => stage.name === name && stage.scope !== "environment" && name !== "push"))
  const unmet = unmetRequirements(stored.release, required)
  if (unmet.length > 0) return stopWith(planned, { gate: failedGate(`refused before any write: environment ${environment.name} requires what this release has not passed: ${unmet.join("; ")}. Make the release by a pipeline that runs them`), log: unmet.join("\n") })
  const signer = trustedSigner(run)
  if (signer === null) return { stop: null, words: `not verified: ${NO_SIGNING}` }
  return settled(planned, await once(run, stored.ref, () => verifyRelease(run, stored, signer)))
}

/** The same for another release than the one of this call, such as the one to go back to; null when delivery.yaml names nobody to trust. */
export async function verifyOther(run: Run, stored: StoredRelease): Promise<GateResult | null> {
  const signer = trustedSigner(run)
  return signer === null ? null : (await once(run, stored.ref, () => verifyRelease(run, stored, signer))).gate
}

/** Whom a named environment trusts. */
export function trustedSigner({ checkout }: Run): Signer | null {
  return checkout.config.signing === null ? null : configuredSigner(checkout.config.signing)
}

/** Images that live no longer than the call: by the key that signed them in it. */
async function local(run: Run, planned: PlannedStage): Promise<{ readonly stop: StageOutput | null; readonly words: string }> {
  const { signed } = run
  if (signed === null) return { stop: null, words: "not verified: nothing was signed in this call" }
  return settled(planned, await once(run, signed.artifact.digest, () => verifyStaged(run, signed)))
}

async function verifyStaged(run: Run, { images, signer, keys, release }: SignedRelease): Promise<Verification> {
  const subjects = [...images].map(([name, { repository, digest }]): SignedSubject => ({
    name,
    place: { ref: `${STAGING_ALIAS}:5000/${repository}@${digest}`, plainHttp: true },
    attested: attestedKinds(release, name),
  }))
  // A tree with changes has no commit that its provenance could name.
  return verify(run, { subjects, signer, keys, inStaging: true, commit: run.header.dirty ? null : run.header.commit })
}

/** Asks cosign for the artifact that holds release.json, for every image that it names, and for what must be said of them. */
export async function verifyRelease(run: Run, { release, ref: stored }: StoredRelease, signer: Signer): Promise<Verification> {
  const artifact: SignedSubject = { name: "release.json", place: { ref: stored, plainHttp: false }, attested: [] }
  const images = Object.entries(release.images).map(([name, { ref }]): SignedSubject => ({ name, place: { ref, plainHttp: false }, attested: attestedKinds(release, name) }))
  const keys = run.signed?.signer === signer ? run.signed.keys : await keysOf(run, signer)
  return verify(run, { subjects: [artifact, ...images], signer, keys: withoutPrivateKey(keys), inStaging: false, commit: release.commit })
}

interface VerifyJob {
  readonly subjects: readonly SignedSubject[]
  readonly signer: Signer
  readonly keys: SignerKeys
  readonly inStaging: boolean
  readonly commit: string | null
}

async function verify(run: Run, { subjects, signer, keys, inStaging, commit }: VerifyJob): Promise<Verification> {
  const { outcomes, log } = await runCosign(run, { lists: verifySteps(subjects, signer), keys: withoutPrivateKey(keys), inStaging, timeoutSeconds: VERIFY_SECONDS })
  const verdicts = readSubjects({ subjects, signer, outcomes, timeoutSeconds: VERIFY_SECONDS, decode: decodeBase64, commit })
  return { gate: judgeSubjects(verdicts, signer, signer.kind === "ephemeral" ? { accepted: ` (${EPHEMERAL_REMARK})` } : {}), verdicts, log }
}

/** What release.json promises, which is signed itself; a provenance has every image that was built here. */
function attestedKinds({ images, sbomDigests }: Release, name: string): readonly AttestationKind[] {
  if (images[name]?.kind === "helper") return []
  return ATTESTATION_KINDS.filter((kind) => kind === "provenance" || sbomDigests?.[name]?.[kind] !== undefined)
}

/** Who verifies has no need of what signs. */
function withoutPrivateKey({ variables, ...open }: SignerKeys): SignerKeys {
  return { ...open, variables: new Map([...variables].filter(([name]) => !/^(COSIGN_|SIGSTORE_)/.test(name))) }
}

function settled(planned: PlannedStage, { gate, log }: Pick<Verification, "gate" | "log">): { readonly stop: StageOutput | null; readonly words: string } {
  return gate.verdict === "passed" ? { stop: null, words: gate.reason } : stopWith(planned, { gate, log })
}

function stopWith(planned: PlannedStage, { gate, log }: Pick<Verification, "gate" | "log">): { readonly stop: StageOutput; readonly words: string } {
  return { stop: { gate, evidence: textFile(`logs/verify-${planned.environment}.log`, `${log}\n`) }, words: "" }
}

// `deploy-plan` and `deploy` of one run are about the same digests, and a digest does not change.
const verified = new WeakMap<Run, Map<string, Promise<Verification>>>()

function once(run: Run, key: string, make: () => Promise<Verification>): Promise<Verification> {
  const known = verified.get(run) ?? new Map<string, Promise<Verification>>()
  verified.set(run, known)
  const made = known.get(key) ?? make().catch((error: unknown): Verification => ({ gate: errorGate(error instanceof Error ? error.message : String(error)), verdicts: [], log: "" }))
  known.set(key, made)
  // What could not be asked may be asked again.
  void made.then(({ gate }) => (gate.verdict === "error" ? known.delete(key) : undefined))
  return made
}
