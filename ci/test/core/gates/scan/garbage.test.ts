import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { judgeDatabase } from "../../../../src/core/gates/scan/database.js"
import { judgeFilesScan } from "../../../../src/core/gates/scan/files.js"
import { judgeImageScan } from "../../../../src/core/gates/scan/image.js"
import { maskedJson, secretSteps, withoutTexts } from "../../../../src/core/gates/scan/mask.js"
import type { ScanRun } from "../../../../src/core/gates/scan/scanner.js"
import { databaseLimits, filesScan, imageScan, LIMITS, NAMED_SECRET, recordedScan } from "./recorded-scan.js"

const garbage = fc.oneof(fc.constant(null), fc.string(), fc.json(), fc.constantFrom("{}", "[]", "null", '{"SchemaVersion":2}', '{"SchemaVersion":2,"Trivy":{},"ArtifactType":"x","Results":{}}', '{"SchemaVersion":2,"Trivy":{},"ArtifactType":"x","Results":[{}]}'))
const codes = fc.constantFrom(0, 1, 2, 10, 126, 127, 137, 255, -1)
const scanOf = (base: ScanRun) => fc.record({ report: garbage, exitCode: codes }).map(({ report, exitCode }): ScanRun => ({ exec: { ...base.exec, exitCode }, report }))

/** Cuts a real report off, or takes one key out of it somewhere. */
const damaged = (report: string) => fc.oneof(fc.nat(report.length - 2).map((at) => report.slice(0, at)), fc.constantFrom("SchemaVersion", "Trivy", "ArtifactType", "Target", "Class", "VulnerabilityID", "PkgName").map((key) => report.replaceAll(`"${key}":`, '"x":')))

describe("garbage passes nowhere", () => {
  it("as the report of files", () => {
    fc.assert(fc.property(scanOf(recordedScan("green", "files")), (files) => void expect(judgeFilesScan(filesScan("green", { files })).gate.verdict).toBe("error")))
  })
  it("as the report of the canary", () => {
    fc.assert(fc.property(scanOf(recordedScan("green", "canary")), (canary) => void expect(judgeFilesScan(filesScan("green", { canary })).gate.verdict).toBe("error")))
  })
  it("as the report of an image", () => {
    fc.assert(fc.property(scanOf(recordedScan("image", "image")), (image) => void expect(judgeImageScan(imageScan({ image })).gate.verdict).toBe("error")))
  })
  it.each(["tree", "names", "canary"] as const)("as the report of secrets: %s", (part) => {
    const secrets = filesScan("green").secrets
    // An empty list is what gitleaks writes when it finds nothing.
    const written = scanOf(secrets[part]).filter(({ report, exec }) => !(report?.trim() === "[]" && exec.exitCode === 0))
    fc.assert(fc.property(written, (scan) => void expect(judgeFilesScan(filesScan("green", { secrets: { ...secrets, [part]: scan } })).gate.verdict).toBe("error")))
  })
  it("as a damaged report of something red", () => {
    const red = recordedScan("red", "files")
    fc.assert(fc.property(damaged(red.report ?? ""), (report) => void expect(judgeFilesScan(filesScan("red", { files: { ...red, report }, limits: LIMITS })).gate.verdict).not.toBe("passed")), { numRuns: 60 })
  })
  it("as the metadata of a database", () => {
    fc.assert(fc.property(garbage, (metadata) => void expect(judgeDatabase({ metadata, sample: null, notRenewed: null }, databaseLimits).problem).not.toBeNull()))
  })
})

describe("nothing that a scanner quotes", () => {
  it("is kept of a report, wherever it stands", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9]{12,30}$/), fc.constantFrom("Match", "Secret", "Code", "Content"), fc.nat(4), (secret, key, depth) => {
        let value: unknown = { [key]: { Lines: [{ Content: secret, [key]: secret }] }, RuleID: "r" }
        for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { Results: value }
        expect(maskedJson(JSON.stringify(value))).not.toContain(secret)
      }),
    )
  })
  it.each(['a"b', "a\\b", "a\nb", "<a&b>", "ä b%"])("is taken out in every spelling: %j", (part) => {
    const name = `${part}${NAMED_SECRET}`
    for (const text of [name, JSON.stringify({ name }), JSON.stringify({ name }).replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e"), `file:///${encodeURIComponent(name)}`]) {
      expect(withoutTexts(text, [name])).not.toContain(NAMED_SECRET)
    }
  })
  it("leaves the shape of a report, for whatever reads it next", () => {
    const report = { Misconfigurations: [{ CauseMetadata: { StartLine: 3, Code: { Lines: [{ Number: 3, Content: "password: x", IsCause: true }] } } }] }
    expect(JSON.parse(maskedJson(JSON.stringify(report)) ?? "")).toEqual({ Misconfigurations: [{ CauseMetadata: { StartLine: 3, Code: { Lines: [{ Number: 3, Content: "***", IsCause: true }] } } }] })
  })
  it("is kept of a report that is none", () => expect(maskedJson('{"Secret": "abc')).toBeNull())
  it("is left of a path, at any place in it", () => {
    const steps = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 4 })
    fc.assert(
      fc.property(steps, steps, fc.constantFrom(0, 1), (before, after, offByOne) => {
        const path = [...before, `x-${NAMED_SECRET}.txt`, ...after].join("/")
        const start = path.indexOf(NAMED_SECRET) + 1 + offByOne
        const masked = withoutTexts(path, secretSteps(path, start, start + NAMED_SECRET.length - 1))
        expect(masked).not.toContain(NAMED_SECRET)
      }),
    )
  })
})
