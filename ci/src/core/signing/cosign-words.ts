import type { ExecOutcome } from "../gates/exec.js"
import { judgeSurroundings } from "../gates/exec.js"
import { SIGNATURE_TYPE } from "./cosign.js"
import { describeSigner, type Signer } from "./signer.js"

/** What a call of cosign that verifies says of an image. */
export type Verified =
  | { readonly kind: "accepted" }
  /** The image is not what it must be. */
  | { readonly kind: "refused"; readonly why: RefusalKind }
  /** Cosign or a registry could not answer. */
  | { readonly kind: "broken"; readonly detail: string }

export type RefusalKind = "unsigned" | "other-signer" | "no-attestation"

/** What cosign ends with when there is nothing to verify: no signature, or no such digest. Everything else ends with 1. */
const NO_SIGNATURES = 10
const MAXIMUM_WORDS = 300
const KEY_SERVICE = /getting keypair|operation error KMS/
const OTHER_SIGNER = /accepted signatures do not match threshold|none of the expected identities matched|invalid signature when validating|failed to verify signature|certificate identity/i
const NO_ATTESTATION = /none of the attestations matched the predicate type|no matching attestations: *$/im

/** Reads how `cosign verify` or `cosign verify-attestation` ended; 1 is both a refusal and a tool's own failure, so the words decide. */
export function readVerify(exec: ExecOutcome, timeoutSeconds: number): Verified {
  const ended = judgeSurroundings(exec, timeoutSeconds)
  if (ended !== null) return { kind: "broken", detail: ended.reason }
  if (exec.exitCode === 0) return exec.argv[1] === "verify" && !hasSignature(exec.stdout) ? { kind: "refused", why: "unsigned" } : { kind: "accepted" }
  if (exec.exitCode === NO_SIGNATURES) return { kind: "refused", why: "unsigned" }
  // What it could not reach is told in the same sentence as what did not match, so it is looked for first.
  if (/connection refused|no such host|i\/o timeout|context deadline|unauthorized|denied|TUF|loading public key|server gave HTTP response/i.test(exec.stderr)) return { kind: "broken", detail: cosignWords(exec) }
  if (OTHER_SIGNER.test(exec.stderr)) return { kind: "refused", why: "other-signer" }
  if (NO_ATTESTATION.test(exec.stderr)) return { kind: "refused", why: "no-attestation" }
  return { kind: "broken", detail: cosignWords(exec) }
}

function hasSignature(stdout: string): boolean {
  return statementTypes(stdout).includes(SIGNATURE_TYPE)
}

function statementTypes(stdout: string): readonly string[] {
  try {
    const claims = JSON.parse(stdout) as readonly { readonly critical?: { readonly type?: string } }[]
    return claims.flatMap(({ critical }) => critical?.type ?? [])
  } catch {
    return []
  }
}

/** Its own last word, without what surrounds it. */
function cosignWords(exec: ExecOutcome): string {
  return `cosign ended with ${exec.exitCode}: ${errorOf(exec) || "no output"}`
}

/** The error that cosign told. Go tells what was being done first and the cause last, so of a long one the end is kept. */
function errorOf({ stderr }: ExecOutcome): string {
  const error = stderr.split("\n").find((line) => line.startsWith("Error: "))?.slice("Error: ".length)
  const line = (error ?? stderr.trim().split("\n").at(-1) ?? "").replace(/^(signing|verifying) \[[^\]]*\]: /, "").trim()
  return line.length <= MAXIMUM_WORDS ? line : `…${line.slice(-MAXIMUM_WORDS)}`
}

/** What kept cosign from signing, with what to do about it. */
export function signingFault(exec: ExecOutcome, signer: Signer): string {
  // A registry that refuses what was signed is no fault of the key.
  if (signer.kind === "kms" && KEY_SERVICE.test(exec.stderr)) return `${signer.uri} did not sign: ${errorOf(exec)}`
  if (signer.kind === "keyless" && /processing the identity token/i.test(exec.stderr)) return `the certificate authority refused the identity token of ${signer.token}: expected one by ${signer.issuer} that has not expired, with the audience \`sigstore\``
  if (signer.kind !== "key") return cosignWords(exec)
  if (/decryption failed/i.test(exec.stderr)) return signer.password === null ? `${signer.key} has a password, and delivery.yaml names none for it` : `the password of ${signer.password} does not open the key of ${signer.key}`
  if (/unsupported pem type|invalid pem|malformed/i.test(exec.stderr)) return `${signer.key}: expected a private key as \`cosign generate-key-pair\` writes it, got something else`
  return cosignWords(exec)
}

/** Why what has just been signed would be refused by every deployment, with what to do about it. */
export function strangerFault(exec: ExecOutcome, signer: Signer): string {
  const nobody = `not by ${describeSigner(signer)}, so no deploy would accept it`
  if (signer.kind === "keyless") return `what was signed is by ${/\bgot "([^"]+)"/.exec(exec.stderr)?.[1] ?? "somebody else"}, ${nobody}. Sign from where \`signing.keyless\` says, or say there who signs`
  return `what was signed with ${signer.kind === "key" ? signer.key : describeSigner(signer)} is ${nobody}. Put the public half of that key there: \`cosign public-key\` prints it`
}
