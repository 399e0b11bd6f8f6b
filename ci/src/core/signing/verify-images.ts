import type { ExecOutcome } from "../gates/exec.js"
import { counted, errorGate, failedGate, passedGate } from "../gates/gate.js"
import type { Finding, GateResult } from "../run.js"
import { readProvenance, type ProvenanceFacts } from "../provenance/statement.js"
import type { Step } from "../steps/step.js"
import { ATTESTATION_KINDS, ATTESTATIONS, cosignStep, verifyArguments, verifyAttestationArguments, type AttestationKind, type SignedPlace } from "./cosign.js"
import { readVerify, type RefusalKind } from "./cosign-words.js"
import { describeSigner, type Signer } from "./signer.js"

/** Something that must be signed before anything is written to a cluster. */
export interface SignedSubject {
  /** `backend`, or `release.json`. */
  readonly name: string
  readonly place: SignedPlace
  /** What must be said of it besides. */
  readonly attested: readonly AttestationKind[]
}

const stepName = (index: number, what: string): string => `${index}-${what}`

/** The calls that verify these, a list for each. */
export function verifySteps(subjects: readonly SignedSubject[], signer: Signer): readonly (readonly Step[])[] {
  return subjects.map(({ place, attested }, index) => [
    cosignStep(stepName(index, "signature"), verifyArguments(signer, place), true),
    ...attested.map((kind) => cosignStep(stepName(index, kind), verifyAttestationArguments(signer, kind, place), kind === "provenance")),
  ])
}

/** What was found of one of them. */
export interface SubjectVerdict {
  readonly subject: SignedSubject
  readonly refused: readonly string[]
  readonly broken: readonly string[]
  /** What the attested provenances say, those that this module can read. */
  readonly provenances: readonly ProvenanceFacts[]
}

export interface VerifyInput {
  readonly subjects: readonly SignedSubject[]
  readonly signer: Signer
  readonly outcomes: ReadonlyMap<string, ExecOutcome>
  readonly timeoutSeconds: number
  readonly decode: (base64: string) => string
  /** The commit that all of them must come from; null where no commit holds what was built. */
  readonly commit: string | null
}

/** What cosign said of each, with the commit that its provenance names. */
export function readSubjects(input: VerifyInput): readonly SubjectVerdict[] {
  const { subjects, signer, outcomes, timeoutSeconds, decode, commit } = input
  return subjects.map((subject, index) => {
    const refused: string[] = []
    const broken: string[] = []
    for (const what of ["signature", ...ATTESTATION_KINDS.filter((kind) => subject.attested.includes(kind))] as const) {
      const exec = outcomes.get(stepName(index, what))
      const verified = exec === undefined ? { kind: "broken" as const, detail: "cosign was not asked" } : readVerify(exec, timeoutSeconds)
      if (verified.kind === "refused") refused.push(refusalWords(verified.why, what, signer))
      if (verified.kind === "broken") broken.push(verified.detail)
      // Without a signature of ours what is said of it by others is not worth a line.
      if (what === "signature" && verified.kind !== "accepted") break
    }
    const provenance = outcomes.get(stepName(index, "provenance"))
    const provenances = provenance?.exitCode === 0 ? readProvenance(provenance.stdout, decode) : []
    const commits = provenances.map((each) => each.commit).filter((each) => each !== null)
    if (commit !== null && provenance?.exitCode === 0 && !commits.includes(commit)) {
      refused.push(`its provenance names ${commits.length === 0 ? "no commit" : `commit ${[...new Set(commits)].join(", ")}`}, not ${commit}`)
    }
    return { subject, refused, broken: [...new Set(broken)], provenances }
  })
}

function refusalWords(why: RefusalKind, what: "signature" | AttestationKind, signer: Signer): string {
  if (why === "unsigned") return "there is no signature for this digest"
  const label = what === "signature" ? "signature" : ATTESTATIONS[what].label
  return why === "no-attestation" ? `it has no ${label}` : `its ${label} is not by ${describeSigner(signer)}`
}

/** The gate of all of them, with what a person does next. */
export function judgeSubjects(verdicts: readonly SubjectVerdict[], signer: Signer, words: { readonly accepted?: string; readonly refused?: string } = {}): GateResult {
  const { accepted = "", refused: refusal = "refused before any write" } = words
  const broken = verdicts.filter((verdict) => verdict.broken.length > 0)
  const refused = verdicts.filter((verdict) => verdict.refused.length > 0)
  const findings = [...refused.map(refusedFinding), ...broken.map(brokenFinding)]
  const first = (list: readonly SubjectVerdict[], said: (verdict: SubjectVerdict) => readonly string[]): string =>
    list.slice(0, 1).map((verdict) => `${verdict.subject.name} (${shortRef(verdict.subject.place.ref)}): ${said(verdict).join("; ")}`).join("") + (list.length > 1 ? ` (and ${list.length - 1} more)` : "")
  if (refused.length > 0) return failedGate(`${refusal}: ${first(refused, (verdict) => verdict.refused)}`, findings)
  if (broken.length > 0) return errorGate(`could not be verified, so nothing was written: ${first(broken, (verdict) => verdict.broken)}`, findings)
  if (verdicts.length === 0) return errorGate("there is nothing to verify")
  return passedGate(`${counted(verdicts.length, "digest")} signed by ${describeSigner(signer)}${accepted}`)
}

/** The findings have it in full. */
const shortRef = (ref: string): string => ref.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1…")

function refusedFinding({ subject, refused }: SubjectVerdict): Finding {
  const next =
    "It was not released by this pipeline, was changed on the way, or is signed by a signer that delivery.yaml no longer names. " +
    "Nothing was written. Who put it there stands in the registry's log; `./daggerw call verify-release` tells what is known of the release; `./daggerw call push` makes it again from its commit."
  return { severity: "critical", rule: "signature", message: `${subject.name}: ${subject.place.ref}: ${refused.join("; ")}. ${next}`, file: null, line: null }
}

function brokenFinding({ subject, broken }: SubjectVerdict): Finding {
  return { severity: "high", rule: "signature", message: `${subject.name}: ${subject.place.ref}: ${broken.join("; ")}. This says nothing about the image: mend what is named and run it again.`, file: null, line: null }
}
