import { describe, expect, it } from "vitest"
import { judgeImageScan } from "../../../../src/core/gates/scan/image.js"
import { imageScan, LIMITS, scannedImage, METADATA, recordedScan, SAMPLE } from "./recorded-scan.js"

const EXCEPTED = ["CVE-2023-4911", "CVE-2023-5363", "CVE-2021-44906"].map((id) => ({ id, reason: "known", until: "2026-12-31" }))

describe("a scan of an image", () => {
  it("is red for vulnerable packages of system and service, told at its Dockerfile", () => {
    const { gate } = judgeImageScan(imageScan())
    expect(gate).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^3 vulnerabilities of level high or worse: web\/Dockerfile: minimist 1\.2\.5: .*; no network$/) })
    expect(gate.findings.map(({ rule, severity, file, line }) => [rule, severity, file, line])).toEqual([
      ["CVE-2021-44906", "critical", "web/Dockerfile", null],
      ["CVE-2023-4911", "high", "web/Dockerfile", null],
      ["CVE-2023-5363", "high", "web/Dockerfile", null],
      ["CVE-2005-2541", "low", "web/Dockerfile", null],
    ])
  })

  it("is green with exceptions, and says what it is made of", () => {
    const { gate } = judgeImageScan(imageScan({ limits: { ...LIMITS, exceptions: EXCEPTED } }))
    expect(gate).toMatchObject({ verdict: "passed", reason: "4 packages, debian 12.1; 1 finding below level high; 3 findings excepted; no network" })
  })

  it("judges several in one row, each by its name, what concerns all of them once", () => {
    const images = ["postgresql", "redis"].map((label) => scannedImage({ label, dockerfile: null }))
    const red = judgeImageScan({ ...imageScan(), images }).gate
    expect(red).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^6 vulnerabilities of level high or worse: postgresql: minimist 1\.2\.5: .*; no network$/) })
    expect(red.reason.match(/no network/g)).toHaveLength(1)
    const green = judgeImageScan({ ...imageScan({ limits: { ...LIMITS, exceptions: EXCEPTED } }), images }).gate
    expect(green).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/^postgresql: 4 packages, debian 12\.1; redis: 4 packages, debian 12\.1; /) })
  })

  it("has no verdict when one of several was not scanned, and says which", () => {
    const images = [scannedImage({ label: "postgresql" }), scannedImage({ label: "redis", image: { ...recordedScan("image", "image"), report: "" } })]
    expect(judgeImageScan({ ...imageScan(), images }).gate).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^redis: .*is no JSON object/) })
  })

  it("says so when another digest was scanned than packaged", () => {
    const { gate } = judgeImageScan(imageScan({ limits: { ...LIMITS, exceptions: EXCEPTED }, digest: `sha256:${"a".repeat(64)}` }))
    expect(gate.reason).toContain("; scanned as sha256:6e5f26621756, packaged as sha256:aaaaaaaaaaaa; no network")
  })

  it.each([
    ["an old database", { database: { metadata: METADATA.replaceAll("2026-11-23", "2026-11-01"), sample: null, notRenewed: null } }, /^the vulnerability database is 22 days old .*more than 3 \(scan\.maxDatabaseAgeDays\)/],
    ["a sample for another environment", { database: { metadata: METADATA, sample: SAMPLE, notRenewed: null }, databaseLimits: { ...imageScan().databaseLimits, sampleAllowed: false } }, /^sample database, 13 advisories, not a security statement/],
    ["an empty database", { canary: recordedScan("db-empty", "canary") }, /does not know CVE-2021-44906/],
    ["a report of files", { image: recordedScan("red", "files") }, /^the scanner's report names no layer of the image/],
    ["no report", { image: { ...recordedScan("image", "image"), report: "" } }, /is no JSON object/],
  ])("has no verdict with %s", (_, more, reason) => {
    const { gate } = judgeImageScan(imageScan(more))
    expect(gate).toMatchObject({ verdict: "error", reason: expect.stringMatching(reason) })
  })
})
