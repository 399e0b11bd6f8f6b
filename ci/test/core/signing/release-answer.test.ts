import { describe, expect, it } from "vitest"
import { makeRelease, releasedChecks, type ReleaseFacts } from "../../../src/core/release.js"
import { deployedState } from "../../../src/core/signing/deployed-where.js"
import { renderReleaseAnswer, type ReleaseAnswer } from "../../../src/core/signing/release-answer.js"
import type { SubjectVerdict } from "../../../src/core/signing/verify-images.js"
import { shop } from "../support.js"

const COMMIT = "1".repeat(40)
const WEB = `sha256:${"a".repeat(64)}`
const API = `sha256:${"b".repeat(64)}`
const config = await shop()
const release = (facts: ReleaseFacts = {}) => makeRelease(COMMIT, "ghcr.io/shop", config, new Map([["web", WEB], ["api", API]]), facts)
const verdict = (name: string, rest: Partial<SubjectVerdict> = {}): SubjectVerdict => ({ subject: { name, place: { ref: `ghcr.io/shop/${name}`, plainHttp: false }, attested: [] }, refused: [], broken: [], provenances: [], ...rest })
const answer = (rest: Partial<ReleaseAnswer> = {}): string =>
  renderReleaseAnswer({ project: "shop", ref: `ghcr.io/shop/shop@${WEB}`, release: release(), signer: "the key of cosign.pub", verdicts: [verdict("release.json")], environments: [{ name: "dev", state: "x" }], ...rest })

describe("the answer to a person", () => {
  it("says of all that nobody knows that it is not known", () => {
    const text = answer({ signer: null, verdicts: [], environments: [] })
    for (const line of ["signed by\n  not known: delivery.yaml has no `signing`", `built from\n  commit ${COMMIT}, says release.json; no verified provenance says so`, "SBOM: not known, none was made", "web: not known, scan-images was left out", "when it was made\n  not known", "deployed\n  not known"]) expect(text).toContain(line)
  })

  it("names builder, run and base images by digest, from the verified provenance of this commit", () => {
    const facts = { commit: COMMIT, dirty: false, builder: "urn:b", runId: "run-7", startedOn: "2026-11-23T10:00:00Z", materials: [{ uri: "oci://node:24", digest: "c".repeat(64) }, { uri: "oci://tools:1", digest: null }] }
    const text = answer({ verdicts: [verdict("web", { provenances: [{ ...facts, commit: "2".repeat(40), runId: "run-6" }, facts] })] })
    expect(text).toContain("by urn:b, run run-7, started 2026-11-23T10:00:00Z")
    expect(text).not.toContain("run-6")
    expect(text).toContain(`web: node:24@sha256:${"c".repeat(64)}\n  web: tools:1, digest not known`)
    expect(text).toMatch(/SLSA Build L1/)
  })

  it("tells what is not accepted from what could not be asked", () => {
    const text = answer({ verdicts: [verdict("release.json", { refused: ["there is no signature for this digest"] }), verdict("web", { broken: ["connection refused"] })] })
    expect(text).toContain("release.json: NOT ACCEPTED: there is no signature for this digest")
    expect(text).toContain("web: not known: connection refused")
  })

  it("tells when each image was scanned, and never passes a sample off as a database", () => {
    const scan = { scannedAt: "2026-11-23T10:00:00Z", databaseUpdatedAt: "2026-11-22T00:00:00Z", sampleDatabase: false }
    const text = answer({ release: release({ scans: { web: scan, api: { ...scan, sampleDatabase: true } }, sbomDigests: { web: { cyclonedx: "sha256:c" } } }) })
    expect(text).toContain("web: 2026-11-23T10:00:00Z, with the advisories of 2026-11-22T00:00:00Z")
    expect(text).toContain("api: 2026-11-23T10:00:00Z, with a sample of the advisories, which is no security statement")
    expect(text).toContain("SBOM cyclonedx: ghcr.io/shop/shop/web@sha256:c")
  })

  it("tells which gates it had met, and what became of the others", () => {
    const row = { environment: null, skipKind: null, findings: [], cached: false, durationSeconds: 1, evidence: [] }
    const checks = releasedChecks([{ ...row, stage: "lint", service: "web", verdict: "passed", reason: "" }, { ...row, stage: "audit", service: "web", verdict: "skipped", reason: "no advisory service" }])
    expect(answer({ release: release({ checks }) })).toContain("  passed, 1 row: lint (web)\n  skipped: audit (web) — no advisory service")
  })
})

describe("where it runs", () => {
  const deployment = (name: string, digest: string, ready = 2) => ({ metadata: { name }, spec: { template: { spec: { containers: [{ image: `mirror.example/x@${digest}` }] } } }, status: { readyReplicas: ready, replicas: 2 } })
  it.each([
    ["there", [deployment("shop-web", WEB), deployment("shop-api", API, 1)], "this release runs there: shop-web 2/2 ready, shop-api 1/2 ready"],
    ["partly", [deployment("shop-web", WEB), deployment("shop-api", WEB.replaceAll("a", "9"))], "partly: shop-web 2/2 ready; not api"],
    ["not", [deployment("shop-web", API.replaceAll("b", "9"))], "another release runs there"],
    ["nowhere", [], "nothing of this product runs there"],
  ])("is told by digest: %s", (_, items, state) => {
    expect(deployedState(release(), JSON.stringify({ items }))).toBe(state)
  })
})
