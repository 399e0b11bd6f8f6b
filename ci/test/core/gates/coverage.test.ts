import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { coveragePercent, mergeCoverage, readCoverage, type Coverage } from "../../../src/core/gates/coverage.js"
import { renderCobertura, renderLcov } from "../../../src/core/gates/test-reports.js"
import { repositoryPath } from "../../../src/core/gates/source-place.js"

const place = { folder: "/work/apps/api", path: "apps/api" }

describe("the path of a source in the repository", () => {
  it.each([
    { what: "relative to the service", place, name: "src/a.ts", path: "apps/api/src/a.ts" },
    { what: "with a dot", place, name: "./src/a.ts", path: "apps/api/src/a.ts" },
    { what: "with backslashes", place, name: "src\\a.ts", path: "apps/api/src/a.ts" },
    { what: "absolute", place, name: "/work/apps/api/src/a.ts", path: "apps/api/src/a.ts" },
    { what: "as a URL", place, name: "file:///work/apps/api/src/a.ts", path: "apps/api/src/a.ts" },
    { what: "relative to the workspace", place, name: "apps/api/src/a.ts", path: "apps/api/src/a.ts" },
    { what: "of another package of the workspace", place, name: "/work/packages/lib/a.ts", path: "packages/lib/a.ts" },
    { what: "above the service", place, name: "../web/a.ts", path: "apps/web/a.ts" },
    { what: "outside of the repository", place, name: "/usr/lib/node/a.js", path: null },
    { what: "out of the repository", place, name: "../../../a.js", path: null },
    { what: "of a service that lies alone in the container", place: { folder: "/work", path: "apps/api" }, name: "/work/src/a.ts", path: "apps/api/src/a.ts" },
    { what: "of another folder then", place: { folder: "/work", path: "apps/api" }, name: "/venv/a.py", path: null },
    { what: "of a service that is the repository", place: { folder: "/work", path: "." }, name: "/work/src/a.ts", path: "src/a.ts" },
    { what: "of a workspace below the repository", place: { folder: "/work/packages/api", path: "backend/packages/api" }, name: "/work/packages/lib/a.ts", path: "backend/packages/lib/a.ts" },
  ])("$what", ({ place: where, name, path }) => {
    expect(repositoryPath(where, name)).toBe(path)
  })
})

describe("coverage reports", () => {
  const cobertura = (source: string, filename: string): string =>
    `<coverage lines-valid="3" lines-covered="2"><sources><source>${source}</source></sources><packages><package name="p"><classes>
     <class filename="${filename}"><methods><method><lines><line number="1" hits="1"/></lines></method></methods><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class>
     <class filename="${filename}"><lines><line number="9" hits="3"/></lines></class></classes></package></packages></coverage>`

  it.each([
    ["below its source", "/work/apps/api/ai_ml", "app.py"],
    ["below the service", "/work/apps/api", "ai_ml/app.py"],
    ["by its whole path", "/work/apps/api", "/work/apps/api/ai_ml/app.py"],
    ["below a relative source", ".", "ai_ml/app.py"],
    ["below a relative folder", "ai_ml", "app.py"],
  ])("name a file %s", async (_, source, filename) => {
    const read = await readCoverage(cobertura(source, filename), null, place)
    expect([...(read?.files ?? [])]).toEqual([["apps/api/ai_ml/app.py", new Map([[1, 1], [2, 0], [9, 3]])]])
  })

  it("may say nothing", async () => {
    expect(await readCoverage("<broken", "", place)).toBeNull()
    expect(await readCoverage(null, null, place)).toBeNull()
  })

  it("of runs with sums alone cannot be added", async () => {
    const sums = (await readCoverage(null, "SF:a.ts\nLF:4\nLH:2\nend_of_record\n", place)) as Coverage
    expect(coveragePercent(sums)).toBe(50)
    expect(mergeCoverage([sums, sums])).toBeNull()
  })

  const lines = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.nat(3)), { selector: ([line]) => line, minLength: 1 })
  const coverage = fc.dictionary(fc.constantFrom("a.ts", "b/c.ts", "d e.ts"), lines, { minKeys: 1 }).map(
    (files): Coverage => ({ files: new Map(Object.entries(files).map(([path, hits]) => [path, new Map(hits)])), totals: null }),
  )
  const normal = ({ files }: Coverage): unknown => [...files].map(([path, hits]) => [path, [...hits].sort(([a], [b]) => a - b)]).sort()

  it("are merged by the union of the lines that were run", () => {
    fc.assert(
      fc.property(fc.array(coverage, { minLength: 1, maxLength: 4 }), (parts) => {
        const merged = mergeCoverage(parts) as Coverage
        for (const [path, hits] of merged.files) for (const [line, count] of hits) expect(count > 0).toBe(parts.some(({ files }) => (files.get(path)?.get(line) ?? 0) > 0))
        for (const part of parts) for (const [path, hits] of part.files) for (const line of hits.keys()) expect(merged.files.get(path)?.has(line)).toBe(true)
      }),
    )
  })

  it("read what they write, in both formats", async () => {
    const root = { folder: "/work", path: "" }
    await fc.assert(
      fc.asyncProperty(coverage, async (written) => {
        expect(normal((await readCoverage(null, renderLcov(written), root)) as Coverage)).toEqual(normal(written))
        expect(normal((await readCoverage(await renderCobertura(written), null, root)) as Coverage)).toEqual(normal(written))
      }),
    )
  })
})
