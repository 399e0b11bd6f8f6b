// Signed by a key that never leaves its service: AWS's, as LocalStack answers for it.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Release } from "../../ci/src/core/release.js"
import { startAwsKms, type AwsKms } from "../support/aws-kms.js"
import { cosign, cosignFolder } from "../support/cosign.js"
import { SigningProject } from "../support/signing-project.js"
import type { Tree } from "../support/trees.js"

const test = new SigningProject("kms")
const folder = cosignFolder()
const commits = { signed: "a".repeat(40), rotated: "b".repeat(40), unsigned: "c".repeat(40) }
const VARIABLES = { AWS_ACCESS_KEY_ID: "SIGNING_AWS_ID", AWS_SECRET_ACCESS_KEY: "SIGNING_AWS_KEY", AWS_REGION: "SIGNING_AWS_REGION", AWS_TLS_INSECURE_SKIP_VERIFY: "SIGNING_AWS_TLS" }
const CREDENTIALS = [...Object.values(VARIABLES), "KUBECONFIG_ELSEWHERE"]
let kms: AwsKms | undefined

beforeAll(async () => {
  kms = await startAwsKms()
  writeFileSync(join(folder, "ours.pub"), await kms.createKey("release"))
  await test.up(Object.fromEntries(Object.entries(VARIABLES).map(([variable, name]) => [name, kms?.variables[variable] ?? ""])))
})
afterAll(async () => {
  test.down()
  await kms?.stop()
})

const tree = (alias = "release"): Tree => test.tree({ kms: kms?.uri(alias), publicKey: "keys/cosign.pub", env: VARIABLES }, { "keys/cosign.pub": readFileSync(join(folder, "ours.pub")) })
const push = (commit: string, source = tree()) => test.on(source, commit, ["push", "--skip=scan-images"], CREDENTIALS)

describe("a key of a key management service", () => {
  it("signs a release that deploy takes by its public half alone", async () => {
    const { run, ended } = await push(commits.signed)
    expect(ended.status, ended.output).toBe(0)
    expect(run.stage("sign").reason).toMatch(/^1 image and release\.json signed by the key awskms:\/\/\S+\/alias\/release of keys\/cosign\.pub; provenance \(SLSA Build L1\) attested/)
    const { ref } = (JSON.parse(run.text("release.json")) as Release).images["hello"] ?? { ref: "" }
    expect(cosign(folder, ["verify", "--key", "ours.pub", "--insecure-ignore-tlog", ref]).status).toBe(0)
    expect(cosign(folder, ["verify-attestation", "--key", "ours.pub", "--insecure-ignore-tlog", "--type", "slsaprovenance1", ref]).status).toBe(0)
    const planned = await test.on(tree(), commits.signed, ["deploy-plan", "--environment=staging"], ["KUBECONFIG_ELSEWHERE"])
    expect(planned.ended.status, planned.ended.output).toBe(0)
    expect(planned.run.stage("deploy-plan", "staging").reason).toMatch(/^2 digests signed by the key awskms:/)
  })

  it("that is another one by now, under the same name, signs nothing that would not be deployed", async () => {
    await kms?.createKey("release")
    const { run, ended } = await push(commits.rotated)
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toMatch(/is not by the key .*of keys\/cosign\.pub, so no deploy would accept it/)
    expect(await test.pushedRelease(commits.rotated)).toBeNull()
  })

  it("that is not there is told by its name, and nothing is pushed", async () => {
    const { run, ended } = await push(commits.unsigned, tree("nobody"))
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toMatch(/^awskms:\/\/\S+\/alias\/nobody did not sign: .*NotFoundException/)
    expect(await test.pushedRelease(commits.unsigned)).toBeNull()
  })

  it("whose service is away is an error that says so, and what was signed before is deployed all the same", async () => {
    const source = tree()
    await kms?.stop()
    const { run, ended } = await push(commits.unsigned, source)
    expect(ended.status, ended.output).toBe(2)
    expect(run.stage("sign").reason).toMatch(/^awskms:\/\/\S+ did not sign: .*connection refused/)
    expect(await test.pushedRelease(commits.unsigned)).toBeNull()
    const planned = await test.on(source, commits.signed, ["deploy-plan", "--environment=staging"], ["KUBECONFIG_ELSEWHERE"])
    expect(planned.ended.status, planned.ended.output).toBe(0)
  })
})
