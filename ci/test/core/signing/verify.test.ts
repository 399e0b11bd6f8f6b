// What cosign 3.1.3 really printed and ended with, on a registry 2.8.2, keys of its own.
import { describe, expect, it } from "vitest"
import type { ExecOutcome } from "../../../src/core/gates/exec.js"
import { readVerify, signingFault, strangerFault } from "../../../src/core/signing/cosign-words.js"
import { attestArguments, cosignStep, signArguments, verifyArguments, type AttestationKind } from "../../../src/core/signing/cosign.js"
import type { Signer } from "../../../src/core/signing/signer.js"
import { judgeSubjects, readSubjects, verifySteps, type SignedSubject } from "../../../src/core/signing/verify-images.js"
import { fixture } from "../support.js"

const recorded = JSON.parse(fixture("signing/cosign-3.1.3.json")) as Readonly<Record<string, ExecOutcome>>
const ended = (name: string): ExecOutcome => recorded[name] ?? { argv: [name], exitCode: -1, stdout: "", stderr: "no such record" }
const decode = (text: string): string => Buffer.from(text, "base64").toString("utf8")
const signer = { kind: "key", key: "COSIGN_KEY", password: "COSIGN_PASSWORD", publicKey: "cosign.pub" } as const satisfies Signer
const digest = `sha256:${"a".repeat(64)}`
const COMMIT = "1".repeat(40)

describe("what cosign says of an image", () => {
  it.each([
    ["signed", { kind: "accepted" }],
    ["attested", { kind: "accepted" }],
    // Ends with 0 all the same: nobody signed the image, somebody said something of it.
    ["only-attested", { kind: "refused", why: "unsigned" }],
    ["unsigned", { kind: "refused", why: "unsigned" }],
    ["other-key", { kind: "refused", why: "other-signer" }],
    ["other-key-attestation", { kind: "refused", why: "other-signer" }],
    ["no-attestation", { kind: "refused", why: "no-attestation" }],
    ["no-attestation-at-all", { kind: "refused", why: "no-attestation" }],
    ["unsigned-attestation", { kind: "refused", why: "no-attestation" }],
    ["registry-gone", { kind: "broken", detail: expect.stringMatching(/^cosign ended with 1: Get .*connection refused/) as string }],
    ["no-such-host", { kind: "broken", detail: expect.stringMatching(/no such host$/) as string }],
    ["no-key-file", { kind: "broken", detail: expect.stringMatching(/loading public key: open nokey\.pub: no such file/) as string }],
    ["bad-key-file", { kind: "broken", detail: expect.stringMatching(/PEM decoding failed/) as string }],
    ["keyless-offline", { kind: "broken", detail: expect.stringMatching(/TUF/) as string }],
  ])("%s", (name, verified) => {
    expect(readVerify(ended(name), 60)).toEqual(verified)
  })

  it("is nothing when it was stopped", () => {
    expect(readVerify({ ...ended("signed"), exitCode: 124 }, 60)).toEqual({ kind: "broken", detail: expect.stringMatching(/did not end within 60 s/) as string })
  })
})

describe("what keeps it from signing", () => {
  it.each([
    ["wrong-password", "the password of COSIGN_PASSWORD does not open the key of COSIGN_KEY"],
    ["no-private-key", "COSIGN_KEY: expected a private key as `cosign generate-key-pair` writes it, got something else"],
    ["openssl-key", "COSIGN_KEY: expected a private key as `cosign generate-key-pair` writes it, got something else"],
  ])("%s is told by the name of the credential", (name, words) => {
    expect(signingFault(ended(name), signer)).toBe(words)
  })
})

describe("what keeps others from signing", () => {
  const kms: Signer = { kind: "kms", uri: "awskms:///alias/release", publicKey: "cosign.pub" }
  const keyless: Signer = { kind: "keyless", identity: "https://gitlab.com/s//.gitlab-ci.yml@refs/heads/main", issuer: "https://gitlab.com", token: "T", trustedRoot: null, signingConfig: null }
  // As cosign 3.1.3 said it before LocalStack 4.14, Fulcio 1.8.8 and Rekor 2.3; the host's address apart.
  const said = (words: string): ExecOutcome => ({ argv: ["cosign", "sign"], exitCode: 1, stdout: "", stderr: `Signing artifact...\nError: signing [registry:5000/runs/r/web@${digest}]: signing digest: ${words}\nerror during command execution: ${words}\n` })
  const getting = "getting keypair and token: creating signerverifier keypair: getting public key: getting public key: operation error KMS: GetPublicKey, "

  it.each<[string, Signer, string, RegExp]>([
    ["a key that its service does not have", kms, `${getting}https response error StatusCode: 400, RequestID: 1, NotFoundException: Alias arn:aws:kms:eu-central-1:000000000000:alias/release is not found.`, /^awskms:\/\/\/alias\/release did not sign: signing digest: .*NotFoundException: Alias \S+ is not found\.$/],
    ["a key service that is away, whose words are longer than a line", kms, `${getting}exceeded maximum number of attempts, 3, ${"https response error StatusCode: 0, ".repeat(8)}dial tcp 192.0.2.2:4566: connect: connection refused`, /^awskms:\/\/\/alias\/release did not sign: ….{270,}connection refused$/],
    ["a registry that is away, which is no fault of the key", kms, 'Get "https://registry.example.org/v2/": dial tcp 192.0.2.2:443: connect: connection refused', /^cosign ended with 1: signing digest: Get .*connection refused$/],
    ["a token that is not for it", keyless, 'signing bundle: error signing bundle: Fulcio returned 400: {"code":3, "message":"There was an error processing the identity token", "details":[]}', /^the certificate authority refused the identity token of T: expected one by https:\/\/gitlab\.com that has not expired, with the audience `sigstore`$/],
    ["authorities that are away", keyless, 'signing bundle: error signing bundle: Post "http://192.0.2.2:1/api/v2/signingCert": dial tcp 192.0.2.2:1: connect: connection refused', /^cosign ended with 1: .*connection refused$/],
  ])("%s", (_, who, words, reason) => {
    expect(signingFault(said(words), who)).toMatch(reason)
  })

  it("is told where it did sign, and no deployment would take it", () => {
    const other = said('failed to verify certificate identity: no matching CertificateIdentity found, last error: expected SAN value "https://gitlab.com/s//.gitlab-ci.yml@refs/heads/main", got "https://gitlab.com/s//.gitlab-ci.yml@refs/heads/other"')
    expect(strangerFault(other, keyless)).toBe("what was signed is by https://gitlab.com/s//.gitlab-ci.yml@refs/heads/other, not by https://gitlab.com/s//.gitlab-ci.yml@refs/heads/main (says https://gitlab.com), so no deploy would accept it. Sign from where `signing.keyless` says, or say there who signs")
    expect(strangerFault(ended("other-key"), signer)).toMatch(/^what was signed with COSIGN_KEY is not by the key of cosign\.pub, .*cosign public-key/)
  })
})

it("a key that has a password where none is named is told so", () => {
  expect(signingFault(ended("wrong-password"), { ...signer, password: null })).toBe("COSIGN_KEY has a password, and delivery.yaml names none for it")
})

describe("the calls", () => {
  const place = { ref: `ghcr.io/shop/web@${digest}`, plainHttp: false }
  const keyless: Signer = { kind: "keyless", identity: "https://gitlab.com/s//.gitlab-ci.yml@refs/heads/main", issuer: "https://gitlab.com", token: "T", trustedRoot: null, signingConfig: null }

  it("hold no secret and ask nobody outside when a key signs", () => {
    for (const argv of [signArguments(signer, place), attestArguments(signer, "provenance", "/p.json", place)]) {
      expect(argv).toEqual(expect.arrayContaining(["--key", "env://COSIGN_PRIVATE_KEY", "--signing-config", "/delivery/cosign/signing-config.json", "--trusted-root", "/delivery/cosign/trusted-root.json"]))
    }
    expect(verifyArguments(signer, place)).toEqual(expect.arrayContaining(["--key", "/delivery/cosign/cosign.pub", "--insecure-ignore-tlog"]))
  })

  it("pin the whole identity where certificates sign, and ask the transparency log", () => {
    const argv = verifyArguments(keyless, place)
    expect(argv).toEqual(expect.arrayContaining(["--certificate-identity", "https://gitlab.com/s//.gitlab-ci.yml@refs/heads/main", "--certificate-oidc-issuer", "https://gitlab.com"]))
    expect(argv).not.toContain("--insecure-ignore-tlog")
    for (const each of [argv, signArguments(keyless, place)]) expect(each).not.toContain("--trusted-root")
  })

  it("name the authorities of a Sigstore of one's own, to verify and to sign", () => {
    const own: Signer = { ...keyless, trustedRoot: "keys/trusted-root.json", signingConfig: "keys/signing-config.json" }
    const trusted = ["--trusted-root", "/delivery/cosign/own-trusted-root.json"]
    expect(verifyArguments(own, place)).toEqual(expect.arrayContaining(trusted))
    expect(verifyArguments(own, place)).not.toContain("--signing-config")
    expect(attestArguments(own, "provenance", "/p.json", place)).toEqual(expect.arrayContaining(["--signing-config", "/delivery/cosign/own-signing-config.json", ...trusted]))
  })

  it("print nothing that nobody reads", () => {
    expect(cosignStep("0-sign", ["cosign", "sign"])).toMatchObject({ stdoutFile: "/dev/null" })
    expect(cosignStep("0-verify", ["cosign", "verify"], true)).not.toHaveProperty("stdoutFile")
  })
})

describe("what is to be deployed", () => {
  const subject = (name: string, attested: readonly AttestationKind[] = ["provenance"]): SignedSubject => ({ name, place: { ref: `ghcr.io/shop/${name}@${digest}`, plainHttp: false }, attested })

  function judge(answers: readonly Readonly<Record<string, string>>[], commit: string | null = COMMIT) {
    const subjects = answers.map((answer, index) => subject(`web${index}`, Object.keys(answer).filter((what) => what !== "signature") as AttestationKind[]))
    const outcomes = new Map(verifySteps(subjects, signer).flat().map(({ name }): [string, ExecOutcome] => {
      const [index = "", what = ""] = name.split(/-(.*)/)
      return [name, ended(answers[Number(index)]?.[what] ?? "")]
    }))
    return judgeSubjects(readSubjects({ subjects, signer, outcomes, timeoutSeconds: 60, decode, commit }), signer)
  }
  const good = { signature: "signed", provenance: "attested" }

  it("passes when everything is signed and comes from the commit", () => {
    expect(judge([good, good])).toMatchObject({ verdict: "passed", reason: "2 digests signed by the key of cosign.pub" })
  })

  it.each([
    ["unsigned", { ...good, signature: "unsigned" }, "there is no signature for this digest"],
    ["signed by another key", { ...good, signature: "other-key" }, "its signature is not by the key of cosign.pub"],
    ["attested by another key", { ...good, provenance: "other-key-attestation" }, "its SLSA provenance is not by the key of cosign.pub"],
    ["without what release.json promises", { ...good, spdx: "no-attestation" }, "it has no SPDX SBOM"],
    ["attested and not signed", { ...good, signature: "only-attested" }, "there is no signature for this digest"],
  ])("is refused when one is %s, and names the next step", (_, bad, words) => {
    const gate = judge([good, bad])
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toBe(`refused before any write: web1 (ghcr.io/shop/web1@sha256:aaaaaaaaaaaa…): ${words}`)
    expect(gate.findings).toEqual([expect.objectContaining({ severity: "critical", message: expect.stringMatching(/^web1: ghcr\.io\/shop\/web1@sha256:a{64}: .*verify-release.*push/s) as string })])
  })

  it("is refused when its provenance is of another commit", () => {
    expect(judge([good], "2".repeat(40)).reason).toContain(`its provenance names commit ${COMMIT}, not ${"2".repeat(40)}`)
  })

  it("asks for no commit where none holds what was built", () => {
    expect(judge([good], null).verdict).toBe("passed")
  })

  it("is an error when a registry does not answer: that says nothing about the image", () => {
    expect(judge([good, { ...good, signature: "registry-gone" }])).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^could not be verified, so nothing was written: web1 .*connection refused/) as string })
  })

  it("is refused also when another could not be asked", () => {
    expect(judge([{ ...good, signature: "registry-gone" }, { ...good, signature: "unsigned" }])).toMatchObject({ verdict: "failed", findings: [expect.anything(), expect.anything()] })
  })

  it("is never nothing", () => {
    expect(judge([]).verdict).toBe("error")
  })
})
