// Signed, pushed, verified: by the module on a real engine and a real registry, and by cosign by hand outside of it.
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { registryAddress } from "../../airgap/lib/cluster/places.mjs"
import type { Release } from "../../ci/src/core/release.js"
import { kubeConnection, kubeRequest } from "../../ci/src/edges/kube-request.js"
import { cosign, cosignFolder, generateKey } from "../support/cosign.js"
import { closingLine, ROOT } from "../support/daggerw.js"
import { SigningProject } from "../support/signing-project.js"
import type { Tree } from "../support/trees.js"

const test = new SigningProject("sign")
const { project, image } = test
const folder = cosignFolder()
const commits = { signed: "a".repeat(40), unsigned: "b".repeat(40), foreign: "c".repeat(40), moved: "d".repeat(40) }
const TRUST = ["--key", "ours.pub", "--insecure-ignore-tlog"]
const PASSWORDS = { SIGNING_PASSWORD: "closed", WRONG_PASSWORD: "open" }

beforeAll(async () => {
  for (const name of ["ours", "theirs"]) generateKey(folder, name, PASSWORDS.SIGNING_PASSWORD)
  const key = (name: string): string => readFileSync(join(folder, `${name}.key`), "utf8")
  await test.up({ SIGNING_KEY: key("ours"), THEIR_KEY: key("theirs"), ...PASSWORDS })
})
afterAll(async () => {
  await onCluster("DELETE")
  test.down()
})

/** The answer to a question for the namespace that a deployment would write to. */
async function onCluster(method: "GET" | "DELETE"): Promise<number> {
  const connection = await kubeConnection(test.kubeconfig)
  return (await kubeRequest(connection, method, `/api/v1/namespaces/${project}`, { timeoutMs: 10_000 })).status
}

const SIGNING = { key: "SIGNING_KEY", password: "SIGNING_PASSWORD", publicKey: "keys/cosign.pub" }

const tree = (signing: object | null = SIGNING, publicKey = "ours"): Tree => test.tree(signing, { "keys/cosign.pub": readFileSync(join(folder, `${publicKey}.pub`)) })

async function on(source: Tree, commit: string, argv: readonly string[], credentials: readonly string[] = ["SIGNING_KEY", "SIGNING_PASSWORD", "KUBECONFIG_ELSEWHERE"]) {
  const { run, ended } = await test.on(source, commit, argv, credentials)
  for (const password of Object.values(PASSWORDS)) expect(ended.output).not.toContain(`"${password}"`)
  expect(ended.output).not.toMatch(/PRIVATE KEY/)
  return { run, ended }
}

describe("a release that is signed", () => {
  let release: Release

  it("is pushed with what belongs to it, and says so", async () => {
    const { run, ended } = await on(tree(), commits.signed, ["push"])
    expect(ended.status, ended.output).toBe(0)
    expect(run.stage("sign").reason).toBe("1 image and release.json signed by the key of keys/cosign.pub; SBOMs (CycloneDX, SPDX) and provenance (SLSA Build L1) attested")
    expect(run.stage("push").reason).toBe(`1 image and release.json in ${registryAddress}, verified there: signed by the key of keys/cosign.pub`)
    release = JSON.parse(run.text("release.json")) as Release
    expect(release).toMatchObject({ commit: commits.signed, scans: { hello: { sampleDatabase: false, scannedAt: expect.any(String) as string } } })
    const { hello } = release.images
    const found = await test.repository(image).referrers(hello?.ref.split("@")[1] ?? "")
    const named = [release.signatureDigests?.["hello"], release.provenanceDigests?.["hello"], ...Object.values(release.sbomDigests?.["hello"] ?? {})]
    expect(new Set(found.map(({ digest }) => digest))).toEqual(new Set(named))
    const reports = join(ROOT, ".delivery/runs", run.runId)
    for (const { name, parentPath } of readdirSync(reports, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())) {
      expect(readFileSync(join(parentPath, name), "utf8"), name).not.toMatch(/PRIVATE KEY-----/)
    }
  })

  it("is accepted by cosign by hand, outside of the module", () => {
    const ref = release.images["hello"]?.ref ?? ""
    expect(cosign(folder, ["verify", ...TRUST, ref]).status).toBe(0)
    for (const type of ["slsaprovenance1", "cyclonedx", "spdxjson"]) expect(cosign(folder, ["verify-attestation", ...TRUST, "--type", type, ref]).status, type).toBe(0)
    const { payload } = JSON.parse(cosign(folder, ["verify-attestation", ...TRUST, "--type", "slsaprovenance1", ref]).stdout) as { payload: string }
    const statement = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as { subject: { digest: object }[]; predicate: { buildDefinition: { resolvedDependencies: object[] } } }
    expect(statement.subject[0]?.digest).toEqual({ sha256: ref.split(":").at(-1) })
    expect(statement.predicate.buildDefinition.resolvedDependencies).toEqual([
      expect.objectContaining({ digest: { gitCommit: commits.signed } }),
      expect.objectContaining({ uri: "oci://node:24-bookworm-slim", digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } }),
    ])
  })

  it("is refused by cosign by hand with another key, and when one byte of a layer is changed", async () => {
    const ref = release.images["hello"]?.ref ?? ""
    const other = cosign(folder, ["verify", "--key", "theirs.pub", "--insecure-ignore-tlog", ref])
    expect([other.status, other.stderr]).toEqual([1, expect.stringMatching(/accepted signatures do not match threshold/)])
    const changed = await tampered(ref)
    const unsigned = cosign(folder, ["verify", ...TRUST, changed])
    expect([unsigned.status, unsigned.stderr]).toEqual([10, expect.stringMatching(/no signatures found/)])
  })

  it("is answered for, later and elsewhere", async () => {
    const { run, ended } = await on(tree(), "e".repeat(40), ["verify-release", `--release=${commits.signed}`], ["KUBECONFIG_ELSEWHERE"])
    expect(ended.status, ended.output).toBe(0)
    expect(closingLine(ended)).toMatch(/^verify-release: passed — 2 digests signed by the key of keys\/cosign\.pub/)
    const answer = run.text("verify-release.txt")
    for (const line of [
      new RegExp(`^release ${commits.signed} of ${project}\n  ${registryAddress}/${project}@sha256:`),
      /\nsigned by\n {2}release\.json: the key of keys\/cosign\.pub, verified\n {2}hello: the key of keys\/cosign\.pub, verified\n/,
      /\nbuilt from\n {2}commit a{40}, says the verified provenance \(SLSA Build L1.*\n {2}by urn:delivery:builder:.*\n {2}hello: node:24-bookworm-slim@sha256:/,
      /\n {4}SBOM cyclonedx: .*@sha256:/,
      /\nscanned\n {2}hello: 20\S+, with the advisories of 20\S+\n/,
      /\n {2}passed, \d+ rows: package \(hello\), scan-images \(hello\), sign\n/,
      /\ndeployed\n {2}staging: nothing of this product runs there\n/,
    ]) expect(answer).toMatch(line)
    expect(ended.output).toContain("signed by\n")
  })
})

/** The image with one byte of its last layer changed, under a digest of its own. */
async function tampered(ref: string): Promise<string> {
  const { pushImage } = await import("../support/cosign.js")
  return `${registryAddress}/${image}@${await pushImage(registryAddress, image, `${ref} and one byte`)}`
}

describe("what is refused before any write", () => {
  const deployPlan = (source: Tree, commit: string) => on(source, commit, ["deploy-plan", "--environment=staging"], ["KUBECONFIG_ELSEWHERE"])

  it("is a release that nobody signed", async () => {
    const pushed = await on(tree(null), commits.unsigned, ["push", "--skip=scan-images"])
    expect(pushed.ended.status, pushed.ended.output).toBe(0)
    expect(pushed.run.stage("sign")).toMatchObject({ verdict: "skipped", skipKind: "not-configured", reason: "delivery.yaml has no `signing`" })
    const { run, ended } = await deployPlan(tree(), commits.unsigned)
    expect(ended.status, ended.output).toBe(1)
    expect(run.stage("deploy-plan").reason).toMatch(/^refused before any write: release\.json \(.*@sha256:[0-9a-f]{12}…\): there is no signature for this digest/)
    expect(await onCluster("GET")).toBe(404)
  })

  it("is a release of another signer", async () => {
    const pushed = await on(tree({ ...SIGNING, key: "THEIR_KEY" }, "theirs"), commits.foreign, ["push", "--skip=scan-images"], ["THEIR_KEY", "SIGNING_PASSWORD"])
    expect(pushed.ended.status, pushed.ended.output).toBe(0)
    expect(pushed.run.stage("sign").reason).toMatch(/no SBOM of hello: scan-images was left out$/)
    const { run, ended } = await deployPlan(tree(), commits.foreign)
    expect(ended.status, ended.output).toBe(1)
    expect(run.stage("deploy-plan").reason).toMatch(/^refused before any write: release\.json .*: its signature is not by the key of keys\/cosign\.pub/)
    expect(run.stage("deploy-plan").findings.map(({ message }) => message).join("\n")).toMatch(/hello: .*verify-release/)
  })

  it("is an older release under the tag of a newer one", async () => {
    const releases = test.repository(project)
    const old = await releases.manifest(`release-${commits.signed}`)
    await releases.putManifest(`release-${commits.moved}`, old ?? { bytes: "", mediaType: "" })
    const { ended } = await deployPlan(tree(), commits.moved)
    expect(ended.status, ended.output).toBe(2)
    expect(ended.output).toMatch(/expected the release of commit d{40}, got that of a{40}\. Somebody moved the tag/)
  })

  it("is a release that lacks what the environment requires", async () => {
    const strict = tree().edit("delivery.yaml", (config) => config.setIn(["environments", "staging", "requires"], config.createNode(["test", "scan-images", "sign"])))
    const { run, ended } = await deployPlan(strict, commits.signed)
    expect(ended.status, ended.output).toBe(1)
    expect(run.stage("deploy-plan").reason).toBe("refused before any write: environment staging requires what this release has not passed: test did not run. Make the release by a pipeline that runs them")
  })

  it("has an answer all the same", async () => {
    const { run, ended } = await on(tree(), commits.signed, ["verify-release", `--release=${commits.foreign}`], [])
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/^verify-release: failed — not accepted: release\.json /)
    expect(run.text("verify-release.txt")).toMatch(/release\.json: NOT ACCEPTED: its signature is not by the key of keys\/cosign\.pub\n.*\n\nbuilt from\n {2}commit c{40}, says release\.json; no verified provenance says so\n/)
    expect(run.text("verify-release.txt")).toContain("staging: not known: this call did not bring KUBECONFIG_ELSEWHERE")
  })
})

it("a release is neither accepted nor refused where delivery.yaml names nobody to trust", async () => {
  const { run, ended } = await on(tree(null), commits.signed, ["verify-release"], [])
  expect(ended.status, ended.output).toBe(3)
  expect(closingLine(ended)).toMatch(/^verify-release: inconclusive — the release is there, and nobody can say who made it: delivery\.yaml has no `signing`/)
  expect(run.text("verify-release.txt")).toMatch(/\nsigned by\n {2}not known: /)
})

describe("who cannot sign", () => {
  it("is told which credentials are missing, before the first stage", async () => {
    const { ended, run } = await on(tree(), commits.signed, ["push"], ["SIGNING_KEY"])
    expect(ended.status, ended.output).toBe(2)
    expect(run.record().stages).toMatchObject([{ stage: "configuration", reason: expect.stringContaining("SIGNING_PASSWORD") as string }])
  })

  it("by a wrong password is told by the names, and nothing is pushed", async () => {
    const { ended, run } = await on(tree({ ...SIGNING, password: "WRONG_PASSWORD" }), "f".repeat(40), ["push", "--skip=scan-images"], ["SIGNING_KEY", "WRONG_PASSWORD"])
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toBe("the password of WRONG_PASSWORD does not open the key of SIGNING_KEY")
    expect(await test.pushedRelease("f".repeat(40))).toBeNull()
  })

  it("because the public key is another's is told so, and nothing is pushed", async () => {
    const { ended, run } = await on(tree(SIGNING, "theirs"), "f".repeat(40), ["push", "--skip=scan-images"])
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toMatch(/^what was signed with SIGNING_KEY is not by the key of keys\/cosign\.pub, so no deploy would accept it/)
    expect(await test.pushedRelease("f".repeat(40))).toBeNull()
  })
})

// Last: it makes the namespace that the refused ones must not have made.
describe("a deployment of what is signed", () => {
  it("is verified before a deployment, from the public key alone", async () => {
    const { run, ended } = await on(tree(), commits.signed, ["deploy-plan", "--environment=staging"], ["KUBECONFIG_ELSEWHERE"])
    expect(run.stage("deploy-plan", "staging").reason, ended.output).toMatch(/^2 digests signed by the key of keys\/cosign\.pub/)
    expect(ended.status).toBe(0)
  })
})
