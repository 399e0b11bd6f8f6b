import { describe, expect, it } from "vitest"
import { chooseSigner, configuredSigner, describeSigner } from "../../../src/core/signing/signer.js"
import { completeSigning } from "../../../src/core/config/signing.js"

const key = completeSigning({ key: "COSIGN_KEY", password: "COSIGN_PASSWORD", publicKey: "cosign.pub" })
const knows = (...names: string[]) => (name: string) => names.includes(name)

describe("who signs", () => {
  it("is whom delivery.yaml names, if the call brought all of the credentials", () => {
    for (const pushes of [true, false]) expect(chooseSigner(key, knows("COSIGN_KEY", "COSIGN_PASSWORD"), pushes)).toEqual({ signer: configuredSigner(key), remark: null })
  })

  it("is a key of the run where nothing leaves the engine, and says what that is worth", () => {
    for (const signing of [null, key]) expect(chooseSigner(signing, knows("COSIGN_KEY"), false)).toEqual({ signer: { kind: "ephemeral" }, remark: "ephemeral key, proves no identity" })
  })

  it("is nobody where something is pushed without the credentials: all that are missing are named", () => {
    expect(chooseSigner(key, knows(), true)).toEqual({ signer: null, missing: ["COSIGN_KEY", "COSIGN_PASSWORD"] })
    expect(chooseSigner(null, knows("COSIGN_KEY"), true)).toEqual({ signer: null, missing: [] })
  })

  it("is told by what a person can look up", () => {
    expect(describeSigner(configuredSigner(key) ?? { kind: "ephemeral" })).toBe("the key of cosign.pub")
    expect(describeSigner({ kind: "keyless", identity: "me@example.org", issuer: "https://accounts.example.org", token: "T", trustedRoot: null, signingConfig: null })).toBe("me@example.org (says https://accounts.example.org)")
  })
})
