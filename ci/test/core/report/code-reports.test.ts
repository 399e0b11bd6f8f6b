import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { gzipSync } from "node:zlib"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { loadAjv } from "../../../src/core/lazy.js"
import { renderCodeQuality } from "../../../src/core/report/code-quality.js"
import { fingerprinter, fnv1a } from "../../../src/core/report/fingerprint.js"
import { renderSarifFiles } from "../../../src/core/report/sarif.js"
import { SEVERITIES, type Finding, type RunRecord } from "../../../src/core/run.js"
import { failedRun, lintedRun } from "./sample.js"

const run = await lintedRun()
const withFindings = (findings: readonly Finding[]): RunRecord => ({ ...run, stages: run.stages.filter(({ stage }) => stage === "lint").slice(0, 1).map((stage) => ({ ...stage, findings })) })

const anyFinding: fc.Arbitrary<Finding> = fc.record({
  severity: fc.constantFrom(...SEVERITIES),
  rule: fc.string({ unit: "binary", minLength: 1 }),
  message: fc.string({ unit: "binary" }),
  file: fc.option(fc.string({ unit: "binary", minLength: 1 })),
  line: fc.option(fc.integer({ min: 1 })),
})

// The schema is of draft 4, and uses nothing that draft 7 reads in another way but the name of its own id.
const { $schema: _draft, id: _id, ...schema } = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8")) as Record<string, unknown>
const { Ajv } = await loadAjv()
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false, allErrors: true }).compile(schema)

function expectValidSarif(text: string): void {
  expect(validate(JSON.parse(text)) ? [] : validate.errors).toEqual([])
}

describe("SARIF", () => {
  it("is one file for each row that looked at files", () => {
    expect(renderSarifFiles(run).map(({ path }) => path)).toEqual(["sarif/lint-web.sarif", "sarif/lint-api.sarif", "sarif/lint-files.sarif", "sarif/audit-web.sarif"])
  })

  it.each(renderSarifFiles(run).map(({ path, text }) => [path, text] as const))("%s is as the golden file has it, and as the schema wants it", async (path, text) => {
    expectValidSarif(text)
    await expect(text).toMatchFileSnapshot(`golden/${path}`)
  })

  it("fulfils the schema and names files by valid URIs, whatever tools printed", () => {
    fc.assert(
      fc.property(fc.array(anyFinding, { maxLength: 5 }), (findings) => {
        for (const { text } of renderSarifFiles(withFindings(findings))) {
          expectValidSarif(text)
          for (const [, uri = ""] of text.matchAll(/"uri": "([^"]*)"/g)) expect(() => new URL(uri, "file:///src/")).not.toThrow()
        }
      }),
      { numRuns: 50 },
    )
  })

  it("is told apart by the schema from what is no SARIF", () => {
    expect(validate({ version: "2.1.0" })).toBe(false)
  })

  it("stays within what code hosts take, keeps the worst and says what it left out", () => {
    // Words that no packing makes small, as long as a finding's can be.
    const words = (count: number): string => Array.from({ length: count }, (_, index) => ((index * 2654435761) >>> 0).toString(36)).join(" ")
    const long = words(400)
    const many = Array.from({ length: 6_000 }, (_, index): Finding => ({ severity: index % 2_000 === 1_999 ? "critical" : "low", rule: `rule-${index % 3}`, message: `${index} ${long}`, file: `src/${index}.ts`, line: index + 1 }))
    const [file] = renderSarifFiles(withFindings(many))
    const { runs: [first] } = JSON.parse(file?.text ?? "") as { runs: { results: { level: string; message: { text: string } }[]; invocations: object[] }[] }
    expectValidSarif(file?.text ?? "")
    expect(first?.results).toHaveLength(5000)
    expect(first?.results.filter(({ level }) => level === "error").map(({ message }) => message.text.split(" ")[0])).toEqual(["1999", "3999", "5999"])
    expect(first?.invocations).toMatchObject([{ toolExecutionNotifications: [{ level: "warning", message: { text: expect.stringMatching(/^1000 of 6000 findings, .* run\.json/) as string } }] }])
    expect(gzipSync(file?.text ?? "").length).toBeLessThan(10_000_000)
  })

  it("leaves as many findings as there are where that is within the limits", () => {
    const [file] = renderSarifFiles(withFindings([{ severity: "low", rule: "r", message: "m", file: "a.ts", line: 1 }]))
    expect(JSON.parse(file?.text ?? "")).toMatchObject({ runs: [{ invocations: [{ toolExecutionNotifications: [] }] }] })
  })

  it("names a file outside the repository by its whole address", () => {
    const [file] = renderSarifFiles(withFindings([{ severity: "high", rule: "r", message: "m", file: "/usr/lib/a b.ts", line: 1 }]))
    expect(JSON.parse(file?.text ?? "")).toMatchObject({ runs: [{ results: [{ locations: [{ physicalLocation: { artifactLocation: { uri: "file:///usr/lib/a%20b.ts" } } }] }] }] })
  })
})

describe("codequality.json", () => {
  it("is as the golden file has it", async () => {
    await expect(renderCodeQuality(run)).toMatchFileSnapshot("golden/codequality.json")
  })

  it("is an empty list when nothing was found", async () => {
    expect(renderCodeQuality(await failedRun())).toBe("[]\n")
  })

  it("keeps a finding's fingerprint when lines move, and has no two alike", () => {
    const fingerprints = (record: RunRecord) => (JSON.parse(renderCodeQuality(record)) as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint)
    const moved = { ...run, stages: run.stages.map((stage) => ({ ...stage, findings: stage.findings.map((finding) => ({ ...finding, line: finding.line === null ? null : finding.line + 7 })) })) }
    expect(fingerprints(moved)).toEqual(fingerprints(run))
    expect(new Set(fingerprints(run)).size).toBe(fingerprints(run).length)
  })

  it("has all that GitLab asks for, whatever tools printed", () => {
    fc.assert(
      fc.property(fc.array(anyFinding), (findings) => {
        for (const entry of JSON.parse(renderCodeQuality(withFindings(findings))) as unknown[]) {
          expect(entry).toEqual({
            description: expect.stringMatching(/./s),
            check_name: expect.stringMatching(/./s),
            fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
            severity: expect.stringMatching(/^(info|minor|major|critical|blocker)$/),
            location: { path: expect.stringMatching(/./s), lines: { begin: expect.any(Number) } },
          })
        }
      }),
    )
  })
})

describe("fingerprints", () => {
  // From the test vectors of FNV's authors.
  it.each([["", "cbf29ce484222325"], ["a", "af63dc4c8601ec8c"], ["foobar", "85944171f73967e8"]])("of %j are FNV-1a's", (text, hash) => {
    expect(fnv1a(text)).toBe(hash)
  })

  it("count what is said twice", () => {
    const fingerprint = fingerprinter()
    const first = fingerprint(["a", "b"])
    expect(fingerprint(["a", "b"])).not.toBe(first)
    expect(fingerprinter()(["a", "b"])).toBe(first)
  })
})
