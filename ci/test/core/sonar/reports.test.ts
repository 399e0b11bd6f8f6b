import { describe, expect, it } from "vitest"
import { parseXml } from "../../../src/core/gates/junit-cases.js"
import { genericCoverage, genericTests } from "../../../src/core/sonar/reports.js"

const paths = new Set(["apps/api/src/a.ts", "apps/api/test/a.test.ts", "apps/ai/tests/test_app.py"])
const place = (path: string) => ({ folder: `/work/${path}`, path })
const aCase = (file: string | null, outcome: "passed" | "failed" | "skipped" | "flaky" = "passed", name = "adds") => ({ suite: "s", name, outcome, message: outcome === "failed" ? 'a "<b>"' : "", file, seconds: 0.25 })

describe("coverage for SonarQube", () => {
  it("has each line once, and leaves out what is not in the tree", () => {
    const coverage = { files: new Map([["apps/api/src/a.ts", new Map([[2, 0], [1, 3]])], ["/usr/lib/x.js", new Map([[1, 1]])]]), totals: null }
    expect(genericCoverage([coverage], paths)).toBe(
      '<coverage version="1">\n  <file path="apps/api/src/a.ts">\n    <lineToCover lineNumber="1" covered="true"/>\n    <lineToCover lineNumber="2" covered="false"/>\n  </file>\n</coverage>\n',
    )
  })
  it("is none where no report lists lines", () => expect(genericCoverage([{ files: new Map(), totals: { lines: 10, covered: 9 } }], paths)).toBeNull())
})

describe("tests for SonarQube", () => {
  it.each([
    ["a path in the service", "apps/api", "test/a.test.ts", "apps/api/test/a.test.ts"],
    ["a path in the container", "apps/api", "/work/apps/api/test/a.test.ts", "apps/api/test/a.test.ts"],
    ["a Python module", "apps/ai", "tests.test_app", "apps/ai/tests/test_app.py"],
    ["a class of a Python module", "apps/ai", "tests.test_app.TestApp", "apps/ai/tests/test_app.py"],
  ])("find the file by %s", (_, path, file, found) => {
    expect(genericTests([{ place: place(path), cases: [aCase(file)] }], paths).xml).toContain(`<file path="${found}">`)
  })
  it("count what cannot be placed, and are none when nothing can", () => {
    expect(genericTests([{ place: place("apps/api"), cases: [aCase("Suite of tests"), aCase(null)] }], paths)).toEqual({ xml: null, imported: 0, unplaced: 2 })
  })
  it("are well-formed whatever a test is called", async () => {
    const cases = [aCase("test/a.test.ts", "failed", 'says "<a> & b"'), aCase("test/a.test.ts", "skipped"), aCase("test/a.test.ts", "flaky")]
    const { xml } = genericTests([{ place: place("apps/api"), cases }], paths)
    expect(await parseXml(xml ?? "")).toMatchObject({
      testExecutions: { file: { testCase: [{ "@name": 'says "<a> & b"', "@duration": "250", failure: { "@message": 'a "<b>"' } }, { skipped: {} }, { "@name": "adds" }] } },
    })
  })
})
