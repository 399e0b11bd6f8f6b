import type { Release, SbomFormat } from "../release.js"
import { ATTESTATIONS, SIGNATURE_TYPE, type AttestationKind } from "./cosign.js"
import type { Referrer } from "./referrers.js"

/** Something that belongs to an image, with what it says. */
export interface SignedReferrer extends Referrer {
  readonly predicateType: string | null
}

/** What cosign said it wrote and the registry does not have. */
export function missingReferrers(name: string, referrers: readonly SignedReferrer[], kinds: readonly AttestationKind[]): readonly string[] {
  const wanted = [{ label: "signature", predicateType: SIGNATURE_TYPE }, ...kinds.map((kind) => ATTESTATIONS[kind])]
  return wanted.filter(({ predicateType }) => !referrers.some((found) => found.predicateType === predicateType)).map(({ label }) => `${label} of ${name}`)
}

type SignedDigests = Pick<Release, "sbomDigests" | "provenanceDigests" | "signatureDigests">

/** The part of release.json that names what belongs to its images. */
export function attestedDigests(referrers: ReadonlyMap<string, readonly SignedReferrer[]>): SignedDigests {
  const digestsOf = (predicateType: string): Readonly<Record<string, string>> =>
    Object.fromEntries([...referrers].flatMap(([name, list]) => list.filter((found) => found.predicateType === predicateType).map(({ digest }): [string, string] => [name, digest])))
  const sboms = new Map<string, Partial<Record<SbomFormat, string>>>()
  for (const format of ["cyclonedx", "spdx"] as const) {
    for (const [name, digest] of Object.entries(digestsOf(ATTESTATIONS[format].predicateType))) sboms.set(name, { ...sboms.get(name), [format]: digest })
  }
  return {
    sbomDigests: sboms.size === 0 ? null : Object.fromEntries(sboms),
    provenanceDigests: digestsOf(ATTESTATIONS.provenance.predicateType),
    signatureDigests: digestsOf(SIGNATURE_TYPE),
  }
}
