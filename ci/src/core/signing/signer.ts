import type { KeylessConfig, SigningConfig } from "../config/signing.js"

/** Who signs in this run. */
export type Signer =
  | { readonly kind: "key"; readonly key: string; readonly password: string | null; readonly publicKey: string | null }
  | { readonly kind: "kms"; readonly uri: string; readonly publicKey: string | null }
  | ({ readonly kind: "keyless" } & KeylessConfig)
  /** A key that is made for the run and forgotten after it. */
  | { readonly kind: "ephemeral" }

/** A signer, or the reason why there is none. */
export type SignerChoice =
  | { readonly signer: Signer; readonly remark: string | null }
  | { readonly signer: null; readonly missing: readonly string[] }

/** Words that go with every signature by a key of one run. */
export const EPHEMERAL_REMARK = "ephemeral key, proves no identity"

export const NO_SIGNING = "delivery.yaml has no `signing`"

/**
 * Who signs: what delivery.yaml names, if the call brought its credentials. What never leaves the engine may be signed by a key of the run,
 * so that a laptop without the key walks the same way; what is pushed may not.
 */
export function chooseSigner(signing: SigningConfig | null, isKnown: (credential: string) => boolean, pushes: boolean): SignerChoice {
  const configured = signing === null ? null : configuredSigner(signing)
  const missing = signing === null ? [] : neededToSign(signing).filter((name) => !isKnown(name))
  if (configured !== null && missing.length === 0) return { signer: configured, remark: null }
  if (pushes) return { signer: null, missing }
  return { signer: { kind: "ephemeral" }, remark: EPHEMERAL_REMARK }
}

/** Whom `deploy` trusts; null when delivery.yaml says nothing of it. */
export function configuredSigner({ key, password, kms, keyless, publicKey }: SigningConfig): Signer | null {
  if (key !== null) return { kind: "key", key, password, publicKey }
  if (kms !== null) return { kind: "kms", uri: kms, publicKey }
  return keyless === null ? null : { kind: "keyless", ...keyless }
}

function neededToSign({ key, password, keyless, env }: SigningConfig): readonly string[] {
  return [key, password, keyless?.token ?? null, ...Object.values(env)].filter((name): name is string => name !== null)
}

/** The signer as a person knows it, such as `the key of cosign.pub`. */
export function describeSigner(signer: Signer): string {
  switch (signer.kind) {
    case "key":
      return `the key of ${signer.publicKey ?? signer.key}`
    case "kms":
      return `the key ${signer.uri}${signer.publicKey === null ? "" : ` of ${signer.publicKey}`}`
    case "keyless":
      return `${signer.identity} (says ${signer.issuer})`
    case "ephemeral":
      return "the key of this run"
  }
}
