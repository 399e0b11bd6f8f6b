import { describe, expect, it } from "vitest"
import { signingCredentials } from "../../../src/core/config/signing.js"
import { problemsOf, shop, SHOP } from "../support.js"

const withSigning = (signing: string): string => `${SHOP}signing: ${signing}\n`
const KEYLESS = "{identity: https://gitlab.com/shop/shop//.gitlab-ci.yml@refs/heads/main, issuer: https://gitlab.com, token: SIGSTORE_ID_TOKEN}"

describe("signing", () => {
  it("is left out by default", async () => {
    expect((await shop()).signing).toBeNull()
  })

  it.each([
    ["a key", "{key: COSIGN_KEY, password: COSIGN_PASSWORD, publicKey: cosign.pub}", ["COSIGN_KEY", "COSIGN_PASSWORD"]],
    ["a key management service", "{kms: awskms:///alias/release, publicKey: cosign.pub, env: {AWS_SECRET_ACCESS_KEY: SIGNING_AWS_KEY}}", ["SIGNING_AWS_KEY"]],
    ["an identity", `{keyless: ${KEYLESS}}`, ["SIGSTORE_ID_TOKEN"]],
  ])("takes %s, and asks for its credentials", async (_, signing, names) => {
    expect(signingCredentials((await shop(() => withSigning(signing))).signing)).toEqual(names)
  })

  it.each([
    ["nobody who signs", "{publicKey: cosign.pub}", /signing: expected one of `key`, `kms` and `keyless`, got none of them/],
    ["two who sign", "{key: K, kms: awskms:///alias/release, publicKey: cosign.pub}", /got `key` and `kms`/],
    ["a key without its public half", "{key: K}", /expected `publicKey` beside `key`, got none\. Write it with `cosign public-key`/],
    ["a public key beside certificates", `{keyless: ${KEYLESS}, publicKey: cosign.pub}`, /signing\.publicKey: expected no `publicKey` beside `keyless`/],
    ["a password for a key that needs none", "{kms: awskms:///alias/release, password: P, publicKey: cosign.pub}", /`password` only beside `key`/],
    ["the key itself", "{key: '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----', publicKey: cosign.pub}", /the NAME of a credential in capitals/],
    ["a key service that is none", "{kms: s3://bucket/key, publicKey: cosign.pub}", /the URI of a key, such as awskms/],
    ["services that sign, and nobody who is trusted", `{keyless: ${KEYLESS.replace("}", ", signingConfig: keys/signing-config.json}")}}`, /keyless\.signingConfig: expected `trustedRoot` beside `signingConfig`, got none/],
    ["an identity that anybody may have", "{keyless: {identity: x, token: T}}", /the key `issuer`/],
    ["a variable's value", "{kms: hashivault://release, publicKey: cosign.pub, env: {VAULT_TOKEN: s.abc}}", /the NAME of a credential in capitals/],
  ])("is refused with %s", async (_, signing, problem) => {
    expect(await problemsOf(withSigning(signing))).toEqual([expect.stringMatching(problem)])
  })

  it("counts on files that are there", async () => {
    const { namedPaths } = await import("../../../src/core/config/checkout.js")
    expect(namedPaths({ signing: { key: "K", publicKey: "keys/cosign.pub" } })).toContainEqual({ file: "keys/cosign.pub", path: ["signing", "publicKey"] })
    expect(namedPaths({ signing: { keyless: { trustedRoot: "keys/root.json", signingConfig: "keys/services.json" } } })).toEqual(expect.arrayContaining([
      { file: "keys/root.json", path: ["signing", "keyless", "trustedRoot"] },
      { file: "keys/services.json", path: ["signing", "keyless", "signingConfig"] },
    ]))
  })
})
