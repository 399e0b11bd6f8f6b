import type { Command } from "../config/commands.js"
import type { KeylessConfig } from "../config/signing.js"
import type { Step } from "../steps/step.js"
import type { Signer } from "./signer.js"

/** Where cosign finds what it is given; the private key is never a file. */
export const COSIGN_FOLDER = "/delivery/cosign"
export const KEY_VARIABLE = "COSIGN_PRIVATE_KEY"
export const PASSWORD_VARIABLE = "COSIGN_PASSWORD"
export const TOKEN_VARIABLE = "SIGSTORE_ID_TOKEN"
export const PUBLIC_KEY_FILE = `${COSIGN_FOLDER}/cosign.pub`
export const OWN_TRUSTED_ROOT_FILE = `${COSIGN_FOLDER}/own-trusted-root.json`
export const OWN_SIGNING_CONFIG_FILE = `${COSIGN_FOLDER}/own-signing-config.json`

/** Without transparency log, time stamps and trusted root of somebody else: constants, so that nothing is fetched. Without the second cosign asks Sigstore for ten seconds where packets are swallowed. */
export const OFFLINE_FILES: Readonly<Record<string, string>> = {
  "signing-config.json": '{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json","rekorTlogConfig":{},"tsaConfig":{}}',
  "trusted-root.json": '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
}
const OFFLINE_FLAGS: Command = ["--signing-config", `${COSIGN_FOLDER}/signing-config.json`, "--trusted-root", `${COSIGN_FOLDER}/trusted-root.json`]

/** What is said of an image: the word that cosign takes, and the type that the statement has. */
export const ATTESTATIONS = {
  cyclonedx: { type: "cyclonedx", predicateType: "https://cyclonedx.org/bom", label: "CycloneDX SBOM" },
  spdx: { type: "spdxjson", predicateType: "https://spdx.dev/Document", label: "SPDX SBOM" },
  provenance: { type: "slsaprovenance1", predicateType: "https://slsa.dev/provenance/v1", label: "SLSA provenance" },
} as const
export type AttestationKind = keyof typeof ATTESTATIONS
export const ATTESTATION_KINDS = Object.keys(ATTESTATIONS) as readonly AttestationKind[]

/** The type of a signature itself. `cosign verify` also accepts an image that only has attestations, so its answer is looked through for this. */
export const SIGNATURE_TYPE = "https://sigstore.dev/cosign/sign/v1"

/** One call of cosign. What it prints is left out where nobody reads it, as a component list of half a megabyte. */
export const cosignStep = (name: string, argv: Command, keepsOutput = false): Step => ({ name, argv, ...(keepsOutput ? {} : { stdoutFile: "/dev/null" }) })

/** An image by digest in a registry; `plainHttp` for a registry of the run's own. */
export interface SignedPlace {
  readonly ref: string
  readonly plainHttp: boolean
}

export const signArguments = (signer: Signer, place: SignedPlace): Command => ["cosign", "sign", "--yes", ...signingFlags(signer), ...placeFlags(place)]

export const attestArguments = (signer: Signer, kind: AttestationKind, predicate: string, place: SignedPlace): Command => [
  "cosign", "attest", "--yes", ...signingFlags(signer), "--type", ATTESTATIONS[kind].type, "--predicate", predicate, ...placeFlags(place),
]

export const verifyArguments = (signer: Signer, place: SignedPlace): Command => ["cosign", "verify", ...trustFlags(signer), "--output", "json", ...placeFlags(place)]

export const verifyAttestationArguments = (signer: Signer, kind: AttestationKind, place: SignedPlace): Command => [
  "cosign", "verify-attestation", ...trustFlags(signer), "--type", ATTESTATIONS[kind].type, ...placeFlags(place),
]

/** A key for one run. What it writes is encrypted with a password that nobody keeps. */
export const GENERATE_KEY: Command = ["cosign", "generate-key-pair", "--output-key-prefix", "/delivery/run"]
export const GENERATED_KEY = "/delivery/run.key"
export const GENERATED_PUBLIC_KEY = "/delivery/run.pub"

const placeFlags = ({ ref, plainHttp }: SignedPlace): Command => [...(plainHttp ? ["--allow-http-registry"] : []), ref]

function signingFlags(signer: Signer): Command {
  switch (signer.kind) {
    case "key":
    case "ephemeral":
      return ["--key", `env://${KEY_VARIABLE}`, ...OFFLINE_FLAGS]
    case "kms":
      return ["--key", signer.uri, ...OFFLINE_FLAGS]
    case "keyless":
      return [...(signer.signingConfig === null ? [] : ["--signing-config", OWN_SIGNING_CONFIG_FILE]), ...trustedRootFlags(signer)]
  }
}

/** A key needs no transparency log, and none is asked; a certificate of minutes proves nothing without. */
function trustFlags(signer: Signer): Command {
  switch (signer.kind) {
    case "key":
    case "ephemeral":
      return ["--key", PUBLIC_KEY_FILE, "--insecure-ignore-tlog"]
    case "kms":
      return ["--key", signer.publicKey === null ? signer.uri : PUBLIC_KEY_FILE, "--insecure-ignore-tlog"]
    case "keyless":
      return ["--certificate-identity", signer.identity, "--certificate-oidc-issuer", signer.issuer, ...trustedRootFlags(signer)]
  }
}

const trustedRootFlags = ({ trustedRoot }: KeylessConfig): Command => (trustedRoot === null ? [] : ["--trusted-root", OWN_TRUSTED_ROOT_FILE])
