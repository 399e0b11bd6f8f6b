import { describe, expect, it } from "vitest"
import { parseChallenge, registryPlace, registryWords, signedRepository } from "../../../src/core/signing/registry-api.js"
import { predicateTypeOf, referrersTag, withReferrers } from "../../../src/core/signing/referrers.js"

describe("where a repository is asked for", () => {
  it.each([
    ["ghcr.io/shop/web", "ghcr.io", "shop/web", ["https"]],
    ["docker.io/library/debian", "registry-1.docker.io", "library/debian", ["https"]],
    ["10.90.0.1:5000/web", "10.90.0.1:5000", "web", ["https", "http"]],
    ["172.32.0.1:5000/web", "172.32.0.1:5000", "web", ["https"]],
    ["localhost:5000/web", "localhost:5000", "web", ["https", "http"]],
    ["registry.local/web", "registry.local", "web", ["https", "http"]],
    ["local.example.org/web", "local.example.org", "web", ["https"]],
  ])("%s", (name, host, repository, schemes) => {
    expect(registryPlace(name)).toEqual({ host, repository, schemes })
  })
})

describe("what a registry wants to see", () => {
  const scopes = [{ name: "shop/web", actions: "pull,push" }]

  it("is a token of the server that it names", () => {
    const challenge = parseChallenge('Bearer realm="https://auth.example.org/token?x=1",service="registry.example.org"', scopes)
    expect(challenge).toEqual({ kind: "bearer", tokenUrl: "https://auth.example.org/token?x=1&service=registry.example.org&scope=repository%3Ashop%2Fweb%3Apull%2Cpush" })
  })

  it("is name and password", () => {
    expect(parseChallenge('Basic realm="x"', scopes)).toEqual({ kind: "basic" })
  })

  it.each([null, "Negotiate", "Bearer service=x"])("is nothing that this client has: %s", (header) => {
    expect(parseChallenge(header, scopes)).toBeNull()
  })
})

it.each([
  [400, '{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid","detail":{}}]}', "400 MANIFEST_INVALID: manifest invalid"],
  [502, "<html>\n<b>Bad gateway</b></html>", "502 <html> <b>Bad gateway</b></html>"],
  [404, "", "404"],
])("a registry's %i is told by its own words", (status, body, words) => {
  expect(registryWords(status, body)).toBe(words)
})

it.each([
  ["20261123-160529-ab12", "runs/20261123-160529-ab12-0"],
  ["Build_7..x-", "runs/build-7-x-0"],
])("run %s signs in a folder that a registry takes", (runId, folder) => {
  expect(signedRepository(runId, 0)).toBe(folder)
  expect(folder).toMatch(/^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/)
})

describe("what belongs to an image", () => {
  const referrer = (digest: string) => ({ mediaType: "application/vnd.oci.image.manifest.v1+json", digest, size: 1 })

  it("is added to what somebody else put there, each once", () => {
    const index = { manifests: [referrer("sha256:a"), referrer("sha256:b")] }
    const merged = JSON.parse(withReferrers(index, [referrer("sha256:b"), referrer("sha256:c")])) as { manifests: { digest: string }[] }
    expect(merged.manifests.map(({ digest }) => digest)).toEqual(["sha256:a", "sha256:b", "sha256:c"])
    expect(merged).toMatchObject({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json" })
  })

  it("stands under a tag that is made of the digest", () => {
    expect(referrersTag(`sha256:${"0".repeat(64)}`)).toBe(`sha256-${"0".repeat(64)}`)
  })

  it("says what it is in its manifest", () => {
    expect(predicateTypeOf({ annotations: { "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1" } })).toBe("https://slsa.dev/provenance/v1")
    expect(predicateTypeOf({})).toBeNull()
  })
})
