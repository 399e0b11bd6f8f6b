import type { Secret } from "@dagger.io/dagger"
import type { Release } from "../core/release.js"
import type { Referrer } from "../core/signing/referrers.js"
import type { Signer } from "../core/signing/signer.js"

/** What cosign needs to sign and to verify; the private parts stay secrets. */
export interface SignerKeys {
  /** PEM; null where the key service or a certificate has it. */
  readonly publicKey: string | null
  /** Files of the repository that cosign gets besides, by where it finds them. */
  readonly files: Readonly<Record<string, string>>
  /** Secret variables, by name. */
  readonly variables: ReadonlyMap<string, Secret>
}

/** Something that was signed, with what belongs to it. */
export interface SignedDigest {
  /** Repository in the run's own registry, without host. */
  readonly repository: string
  readonly digest: string
  readonly referrers: readonly Referrer[]
}

/** A release as `sign` left it in the run's own registry. */
export interface SignedRelease {
  readonly signer: Signer
  readonly keys: SignerKeys
  /** By service. */
  readonly images: ReadonlyMap<string, SignedDigest>
  readonly release: Release
  /** The artifact that holds release.json. */
  readonly artifact: SignedDigest
}
