import { describe, expect, it } from "vitest"
import { withSchemaLines } from "../../../src/core/lint-files/schema-lines.js"
import type { Finding } from "../../../src/core/run.js"

const TEXT = "jobs:\n  a:\n    steps:\n      - uses: x\n        wiht: {}\n    'my key': 1\ntest:\n  script: 3\n"
const finding = (message: string, more: Partial<Finding> = {}): Finding => ({ severity: "high", rule: "schema", message, file: "ci.yml", line: null, ...more })
const lineOf = async (one: Finding, text = TEXT) => (await withSchemaLines([one], { "ci.yml": text }))[0]?.line

describe("the line of a schema's finding", () => {
  it.each([
    ["$.test.script: 3 is not of type 'string'", 8],
    ["$.jobs.a.steps[0]: Additional properties are not allowed ('wiht' was unexpected)", 4],
    ["$.jobs.a.steps[0].wiht: x", 5],
    ["$.jobs.a['my key']: x", 6],
    ["$.jobs.a.nothing.there: x", 2],
    ["$: x", 1],
  ])("of %j is %i", async (message, line) => {
    expect(await lineOf(finding(message))).toBe(line)
  })

  it("is left as it is for other findings, other files and files that cannot be read", async () => {
    expect(await lineOf(finding("$.test: x", { rule: "syntax" }))).toBeNull()
    expect(await lineOf(finding("$.test: x", { line: 7 }))).toBe(7)
    expect(await lineOf(finding("$.test: x", { file: "other.yml" }))).toBeNull()
    expect(await lineOf(finding("$.test: x"), "a: [")).toBeNull()
  })
})
