import type { ExecOutcome } from "../gates/exec.js"
import { judgeSurroundings } from "../gates/exec.js"
import { SIGNATURE_TYPE } from "./cosign.js"

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
export function cosignWords({ stderr, exitCode }: ExecOutcome): string {
  const error = stderr.split("\n").find((line) => line.startsWith("Error: "))?.slice("Error: ".length)
  const line = error ?? stderr.trim().split("\n").at(-1) ?? ""
  return `cosign ended with ${exitCode}: ${line.trim().slice(0, 300) || "no output"}`
}

/** What kept cosign from signing, with what to do about it. */
export function signingFault(exec: ExecOutcome, names: { readonly key: string; readonly password: string | null }): string {
  if (/decryption failed/i.test(exec.stderr)) return names.password === null ? `${names.key} has a password, and delivery.yaml names none for it` : `the password of ${names.password} does not open the key of ${names.key}`
  if (/unsupported pem type|invalid pem|malformed/i.test(exec.stderr)) return `${names.key}: expected a private key as \`cosign generate-key-pair\` writes it, got something else`
  return cosignWords(exec)
}
