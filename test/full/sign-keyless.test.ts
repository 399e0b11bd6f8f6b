// Signed without a key that lasts, by a Sigstore of one's own: a certificate for an identity, two transparency logs, a time stamp.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Release } from "../../ci/src/core/release.js"
import { cosign, cosignFolder } from "../support/cosign.js"
import { SigningProject } from "../support/signing-project.js"
import { identityOf, startSigstore, type Sigstore } from "../support/sigstore.js"
import type { Tree } from "../support/trees.js"

const test = new SigningProject("keyless")
const folder = cosignFolder()
const PROJECT = "shop/shop"
const commits = { signed: "a".repeat(40), foreign: "b".repeat(40), unsigned: "c".repeat(40) }
let sigstore: Sigstore | undefined

beforeAll(async () => {
  sigstore = await startSigstore()
  writeFileSync(join(folder, "trusted-root.json"), sigstore.trustedRoot)
  const on = (branch: string, more: { readonly audience?: string; readonly expired?: boolean } = {}): string => sigstore?.token({ project: PROJECT, branch, ...more }) ?? ""
  await test.up({ TOKEN_MAIN: on("main"), TOKEN_OTHER: on("other"), TOKEN_EXPIRED: on("main", { expired: true }), TOKEN_ELSEWHERE: on("main", { audience: "vault" }) })
})
afterAll(() => {
  test.down()
  sigstore?.stop()
})

function tree({ branch = "main", token = "TOKEN_MAIN" } = {}): Tree {
  const keyless = { identity: identityOf(PROJECT, branch), issuer: sigstore?.issuer, token, trustedRoot: "keys/trusted-root.json", signingConfig: "keys/signing-config.json" }
  return test.tree({ keyless }, { "keys/trusted-root.json": sigstore?.trustedRoot ?? "", "keys/signing-config.json": sigstore?.signingConfig ?? "" })
}

const push = (commit: string, settings: { readonly branch?: string; readonly token?: string } = {}) => test.on(tree(settings), commit, ["push", "--skip=scan-images"], [settings.token ?? "TOKEN_MAIN", "KUBECONFIG_ELSEWHERE"])
const plan = (commit: string) => test.on(tree(), commit, ["deploy-plan", "--environment=staging"], ["KUBECONFIG_ELSEWHERE"])

describe("an identity", () => {
  it("signs a release, as the pipeline of its project and branch", async () => {
    const { run, ended } = await push(commits.signed)
    expect(ended.status, ended.output).toBe(0)
    expect(run.stage("sign").reason).toContain(`1 image and release.json signed by ${identityOf(PROJECT, "main")} (says ${sigstore?.issuer})`)
    const { ref } = (JSON.parse(run.text("release.json")) as Release).images["hello"] ?? { ref: "" }
    const byHand = (branch: string, what: readonly string[]): number | null =>
      cosign(folder, [...what, "--trusted-root", "trusted-root.json", "--certificate-identity", identityOf(PROJECT, branch), "--certificate-oidc-issuer", sigstore?.issuer ?? "", ref]).status
    for (const what of [["verify"], ["verify-attestation", "--type", "slsaprovenance1"]]) expect([byHand("main", what), byHand("other", what)], what.join(" ")).toEqual([0, 1])
  })

  it("of another branch signs nothing that would not be deployed, and is told", async () => {
    const { run, ended } = await push(commits.unsigned, { token: "TOKEN_OTHER" })
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toContain(`what was signed is by ${identityOf(PROJECT, "other")}, not by ${identityOf(PROJECT, "main")}`)
    expect(await test.pushedRelease(commits.unsigned)).toBeNull()
  })

  it.each([["that has expired", "TOKEN_EXPIRED"], ["for another audience", "TOKEN_ELSEWHERE"]])("by a token %s is refused by the name of its credential", async (_, token) => {
    const { run, ended } = await push(commits.unsigned, { token })
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toMatch(new RegExp(`refused the identity token of ${token}: expected one by ${sigstore?.issuer} that has not expired, with the audience`))
    expect(await test.pushedRelease(commits.unsigned)).toBeNull()
  })

  it("that is not the one which delivery.yaml trusts is refused before any write", async () => {
    const pushed = await push(commits.foreign, { branch: "other", token: "TOKEN_OTHER" })
    expect(pushed.ended.status, pushed.ended.output).toBe(0)
    const { run, ended } = await plan(commits.foreign)
    expect(ended.status, ended.output).toBe(1)
    expect(run.stage("deploy-plan").reason).toMatch(/^refused before any write: release\.json .*: its signature is not by https:\/\/gitlab\.example\.org\/shop\/shop\/\/\.gitlab-ci\.yml@refs\/heads\/main/)
  })

  it("is verified by the authorities in the repository alone, when all of its Sigstore is away; nothing is signed then", async () => {
    sigstore?.stop()
    const planned = await plan(commits.signed)
    expect(planned.ended.status, planned.ended.output).toBe(0)
    expect(planned.run.stage("deploy-plan", "staging").reason).toMatch(/^2 digests signed by https:\/\/gitlab\.example\.org\/shop\/shop/)
    const { run, ended } = await push(commits.unsigned)
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toMatch(/connection refused/)
    expect(await test.pushedRelease(commits.unsigned)).toBeNull()
  })
})
