import { asVariables, credentialSchema, ENVIRONMENT_VARIABLES, objectSchema, pathSchema, textSchema, type SchemaNode } from "./schema-node.js"
import type { ConfigSection, SectionProblem } from "./section.js"

/** Who an identity provider must have said the signer is. */
export interface KeylessConfig {
  /** The identity in the certificate, exactly. */
  readonly identity: string
  /** The provider that vouched for it. */
  readonly issuer: string
  /** Name of the credential that holds the identity token; only signing needs it. */
  readonly token: string
  /** File of the repository with the authorities that are trusted, as Sigstore writes it; null: those of the public Sigstore, fetched for each verification. */
  readonly trustedRoot: string | null
  /** File of the repository with the services that sign, as Sigstore writes it; null: those of the public Sigstore. */
  readonly signingConfig: string | null
}

/** One of three ways to sign, and what `deploy` trusts. */
export interface SigningConfig {
  readonly key: string | null
  readonly password: string | null
  readonly kms: string | null
  readonly keyless: KeylessConfig | null
  /** File of the repository: what is signed otherwise is not deployed. */
  readonly publicKey: string | null
  /** Variables for cosign, such as those of a key management service: names of credentials. */
  readonly env: Readonly<Record<string, string>>
}

type RawKeyless = Pick<KeylessConfig, "identity" | "issuer" | "token"> & Partial<KeylessConfig>

export type RawSigning = Partial<Omit<SigningConfig, "keyless">> & { readonly keyless?: RawKeyless }

const WAYS = ["key", "kms", "keyless"] as const

const keylessSchema = objectSchema("Signs with a certificate that is made out to an identity for minutes; needs the network of Sigstore, to verify only where there is no `trustedRoot`.", ["identity", "issuer", "token"], {
  identity: textSchema("Who must have signed, exactly as the certificate has it, such as https://gitlab.com/shop/shop//.gitlab-ci.yml@refs/heads/main."),
  issuer: { type: "string", title: "a URL such as https://gitlab.com", description: "The provider of the identity.", pattern: "^https://[^\\s/]+(/\\S*)?$" },
  token: credentialSchema("Name of the credential that holds the identity token, with the audience `sigstore`."),
  trustedRoot: pathSchema("The authorities that are trusted, a file of the repository, as `cosign trusted-root create` writes it: verifying asks nobody then. Default: those of the public Sigstore, fetched each time."),
  signingConfig: pathSchema("The services that sign, a file of the repository, as `cosign signing-config create` writes it: a Sigstore of your own, beside its `trustedRoot`. Default: the public Sigstore."),
})

const variables: SchemaNode = {
  ...ENVIRONMENT_VARIABLES,
  title: "a mapping from variable names to NAMES of credentials",
  description: "Variables that cosign gets besides, such as those of a key management service, by the names of their credentials.",
  additionalProperties: credentialSchema(""),
}

export const SIGNING_SECTION: ConfigSection = {
  key: "signing",
  required: false,
  schema: objectSchema("How releases are signed, and whose signature `deploy` demands. Default: only `local` signs, with a key for one run.", [], {
    key: credentialSchema("Name of the credential that holds a private key, as `cosign generate-key-pair` writes it."),
    password: credentialSchema("Name of the credential that holds the password of `key`. Default: it has none."),
    kms: {
      type: "string",
      title: "the URI of a key, such as awskms:///alias/release",
      description: "A key that never leaves its service: awskms, azurekms, gcpkms or hashivault, as cosign names it.",
      pattern: "^(awskms|azurekms|gcpkms|hashivault)://\\S+$",
    },
    keyless: keylessSchema,
    publicKey: pathSchema("The public half of `key` or `kms`, a file of the repository: only what it verifies is deployed."),
    env: variables,
  }),
  check: ({ root }) => checkSigning(root["signing"] as RawSigning | undefined),
}

function checkSigning(signing: RawSigning | undefined): readonly SectionProblem[] {
  if (signing === undefined) return []
  const path = ["signing"]
  const ways = WAYS.filter((way) => way in signing)
  const fix = "Name the one that signs; docs/signing.md compares them."
  if (ways.length !== 1) return [{ path, expected: "one of `key`, `kms` and `keyless`", got: ways.length === 0 ? "none of them" : ways.map((way) => `\`${way}\``).join(" and "), fix }]
  const [way] = ways
  const problems: SectionProblem[] = []
  if (way !== "keyless" && !("publicKey" in signing)) {
    problems.push({ path, expected: `\`publicKey\` beside \`${way}\``, got: "none", fix: "Write it with `cosign public-key`, and commit it: `deploy` verifies with it and has no private key." })
  }
  if (way === "keyless" && "publicKey" in signing) {
    problems.push({ path: [...path, "publicKey"], expected: "no `publicKey` beside `keyless`, whose certificates hold the key", got: "one", fix: "Remove it." })
  }
  if (signing.keyless !== undefined && "signingConfig" in signing.keyless && !("trustedRoot" in signing.keyless)) {
    problems.push({ path: [...path, "keyless", "signingConfig"], expected: "`trustedRoot` beside `signingConfig`", got: "none", fix: "Name the file that `cosign trusted-root create` wrote for the same services: without it nobody can verify what they signed." })
  }
  if (way !== "key" && "password" in signing) problems.push({ path: [...path, "password"], expected: "`password` only beside `key`", got: `one beside \`${way}\``, fix: "Remove it." })
  return problems
}

export function completeSigning(raw: RawSigning): SigningConfig {
  const { key = null, password = null, kms = null, keyless, publicKey = null, env = {} } = raw
  const complete = keyless === undefined ? null : { trustedRoot: null, signingConfig: null, ...keyless }
  return { key, password, kms, keyless: complete, publicKey, env: asVariables(env) }
}

/** Names of the credentials that signing needs; verifying needs those of a key management service only where no public key is at hand. */
export function signingCredentials(signing: SigningConfig | null): readonly string[] {
  if (signing === null) return []
  const names = [signing.key, signing.password, signing.keyless?.token, ...Object.values(signing.env)]
  return [...new Set(names.filter((name): name is string => typeof name === "string"))]
}
