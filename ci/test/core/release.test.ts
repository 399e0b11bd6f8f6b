import { describe, expect, it } from "vitest"
import type { DeployStrategy, TrafficRouter } from "../../src/core/config/strategy.js"
import { makeRelease, parseRelease, releasedChecks, releaseValues, renderRelease, unmetRequirements } from "../../src/core/release.js"
import type { StageResult } from "../../src/core/run.js"
import { releasedScan } from "../../src/core/scan/released-scan.js"
import { attestedDigests, missingReferrers } from "../../src/core/signing/signed-referrers.js"
import { shop } from "./support.js"

const COMMIT = "1".repeat(40)
const digest = `sha256:${"a".repeat(64)}`
const row = (stage: string, verdict: StageResult["verdict"], service: string | null = null, environment: string | null = null): StageResult => ({
  stage, service, environment, verdict, skipKind: null, reason: verdict === "passed" ? "" : "why", findings: [], cached: false, durationSeconds: 1, evidence: [],
})
const config = await shop()
const digests = new Map([["web", digest], ["api", digest]])

describe("release.json", () => {
  it("is read as it was written", () => {
    const checks = releasedChecks([row("lint", "passed", "web"), row("smoke", "passed", null, "dev")])
    expect(checks).toEqual([{ stage: "lint", service: "web", verdict: "passed", reason: "" }])
    const release = makeRelease(COMMIT, "ghcr.io/shop", config, digests, { checks, signatureDigests: { web: digest } })
    expect(parseRelease(renderRelease(release), "x")).toEqual(release)
  })

  it("of an older version knows less", () => {
    const old = { schemaVersion: 1, commit: COMMIT, images: { web: { kind: "service", ref: `ghcr.io/shop/web@${digest}` } }, chartDigest: null, sbomDigests: null, signatureDigests: null }
    expect(parseRelease(JSON.stringify(old), "x")).toMatchObject({ provenanceDigests: null, scans: null, checks: [] })
  })

  it.each([
    ["no JSON", "<html>", /expected release\.json, got what is no JSON/],
    ["nothing", "null", /schemaVersion 1, got undefined/],
    ["another version", '{"schemaVersion":2}', /schemaVersion 1, got 2/],
    ["no images", `{"schemaVersion":1,"commit":"${COMMIT}"}`, /expected a commit, and images by repository@digest/],
    ["an image by tag", `{"schemaVersion":1,"commit":"${COMMIT}","images":{"web":{"ref":"ghcr.io/shop/web:latest"}}}`, /got web without one/],
  ])("is refused with %s", (_, text, message) => {
    expect(() => parseRelease(text, "ghcr.io/shop/shop:release-1")).toThrow(message)
  })
})

describe("the values of a release", () => {
  const withSwitch = shop((text) => text.replace("release: shop}", "release: shop, images: {guard: canary-switch}}"))
  const values = async (strategy: "rolling" | "canary" | "blueGreen", names = ["web", "api", "guard"], router?: TrafficRouter) => {
    const own = await withSwitch
    const made = makeRelease(COMMIT, "ghcr.io/shop", own, new Map(["web", "api", "guard"].map((name) => [name, digest])))
    return releaseValues({ ...made, images: Object.fromEntries(Object.entries(made.images).filter(([name]) => names.includes(name))) }, own, { kind: strategy, ...(router === undefined ? {} : { router }) } as DeployStrategy)
  }

  it("give a new release a track where the strategy moves traffic", async () => {
    const images = { guard: `ghcr.io/shop/shop/guard@${digest}` }
    expect(await values("canary")).toMatchObject({ images, tracks: { enabled: true } })
    expect(await values("blueGreen")).toMatchObject({ tracks: { enabled: true } })
    expect(await values("rolling")).toMatchObject({ images })
    expect(await values("rolling")).not.toHaveProperty("tracks")
  })

  it("name the router only where it is not the one that every chart knows", async () => {
    expect((await values("canary", undefined, "replicas"))["tracks"]).toEqual({ enabled: true, router: "replicas" })
    expect((await values("canary", undefined, "gateway"))["tracks"]).toEqual({ enabled: true })
  })

  it("name no track to a chart that was pushed before there were any: its schema would refuse them", async () => {
    const old = await values("canary", ["web", "api"])
    expect(JSON.parse(JSON.stringify(old))).toEqual({ services: { web: { image: `ghcr.io/shop/shop/web@${digest}` }, api: { image: `ghcr.io/shop/shop/api@${digest}` } }, release: { commit: COMMIT }, images: {} })
  })
})

describe("what an environment requires", () => {
  const release = makeRelease(COMMIT, "ghcr.io/shop", config, digests, {
    checks: releasedChecks([row("lint", "passed", "web"), row("lint", "passed", "api"), row("scan-images", "passed", "web"), row("scan-images", "skipped", "api")]),
  })

  it("is met by what passed for every service", () => {
    expect(unmetRequirements(release, ["lint"])).toEqual([])
  })

  it("is not met by what was left out or never ran, each told", () => {
    expect(unmetRequirements(release, ["lint", "scan-images", "test"])).toEqual(["scan-images (api): skipped (why)", "test did not run"])
  })
})

describe("what belongs to the images", () => {
  const found = (predicateType: string, each: string) => ({ mediaType: "m", size: 1, digest: each, predicateType })
  const all = [found("https://sigstore.dev/cosign/sign/v1", "sha256:s"), found("https://cyclonedx.org/bom", "sha256:c"), found("https://spdx.dev/Document", "sha256:x"), found("https://slsa.dev/provenance/v1", "sha256:p")]

  it("stands in release.json by digest", () => {
    expect(attestedDigests(new Map([["web", all], ["api", [all[0] as (typeof all)[number]]]]))).toEqual({
      sbomDigests: { web: { cyclonedx: "sha256:c", spdx: "sha256:x" } },
      provenanceDigests: { web: "sha256:p" },
      signatureDigests: { web: "sha256:s", api: "sha256:s" },
    })
  })

  it("is missed when the registry does not have it", () => {
    expect(missingReferrers("web", all, ["cyclonedx", "spdx", "provenance"])).toEqual([])
    expect(missingReferrers("web", all.slice(1, 3), ["cyclonedx", "spdx", "provenance"])).toEqual(["signature of web", "SLSA provenance of web"])
  })
})

it("a scan is told by the time of its report, also when it came from the cache", () => {
  expect(releasedScan('{"CreatedAt":"2026-11-23T10:00:00Z"}', { metadata: '{"UpdatedAt":"2026-11-22T00:00:00Z"}', sample: "{}" })).toEqual({
    scannedAt: "2026-11-23T10:00:00Z", databaseUpdatedAt: "2026-11-22T00:00:00Z", sampleDatabase: true,
  })
  expect(releasedScan(null, { metadata: "garbage", sample: null })).toEqual({ scannedAt: null, databaseUpdatedAt: null, sampleDatabase: false })
})
