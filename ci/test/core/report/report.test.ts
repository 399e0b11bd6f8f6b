import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { parseJunit, parseXml } from "../../../src/core/gates/junit-cases.js"
import { assembleRun, type RunRecord, type StageResult } from "../../../src/core/run.js"
import { escapeHtml, html } from "../../../src/core/report/escape.js"
import { renderHtml } from "../../../src/core/report/html.js"
import { renderJunit, renderJunitFiles } from "../../../src/core/report/junit.js"
import { byteLength, clip, fitLines } from "../../../src/core/report/fit.js"
import { renderMarkdown } from "../../../src/core/report/markdown.js"
import { closingLine, renderTable } from "../../../src/core/report/table.js"
import { fixture } from "../support.js"
import { failedRun, HEADER, interruptedRun, lintedRun, NASTY } from "./sample.js"

const run = await failedRun()
const withReason = (reason: string): RunRecord => ({ ...run, reason, stages: run.stages.map((stage) => ({ ...stage, reason })) })
const junitFiles = await renderJunitFiles(run, [{ service: "api", xml: fixture("pytest-junit.xml") }])
const anyText = fc.string({ unit: "binary" })

describe("the golden files", () => {
  it("hold the closing table", async () => {
    await expect(`${renderTable(run)}\n`).toMatchFileSnapshot("golden/table.txt")
  })
  it("hold summary.md", async () => {
    await expect(renderMarkdown(run)).toMatchFileSnapshot("golden/summary.md")
  })
  it("hold report.html", async () => {
    await expect(renderHtml(run, { logTails: { "test:api": `line 1\n${NASTY}\n` } })).toMatchFileSnapshot("golden/report.html")
  })
  it("hold junit.xml", async () => {
    const junit = await renderJunit(run, [{ service: "api", xml: fixture("pytest-junit.xml") }])
    await expect(junit).toMatchFileSnapshot("golden/junit.xml")
  })
})

describe("the golden files of parts", () => {
  it.each(junitFiles.map(({ path, text }) => [path, text] as const))("hold %s", async (path, text) => {
    await expect(text).toMatchFileSnapshot(`golden/${path}`)
  })
  it("hold the summary of findings", async () => {
    await expect(renderMarkdown(await lintedRun())).toMatchFileSnapshot("golden/summary-linted.md")
  })
})

describe("junit/", () => {
  it("holds each stage and each test case of the whole once", async () => {
    const reports = [{ service: "api", xml: fixture("pytest-junit.xml") }]
    const names = async (xml: string) => ((await parseJunit(xml)) ?? []).map((each) => `${each.suite} ${each.name}`)
    expect(junitFiles.map(({ path }) => path)).toEqual(["junit/web.xml", "junit/api.xml", "junit/_pipeline.xml"])
    const inParts = (await Promise.all(junitFiles.map(({ text }) => names(text)))).flat()
    expect(inParts.sort()).toEqual((await names(await renderJunit(run, reports))).sort())
  })
})

describe("the closing table", () => {
  it("is at most 110 characters wide, whatever the reason", () => {
    for (const line of renderTable(withReason("long ".repeat(100))).split("\n").slice(0, -1)) expect(line.length).toBeLessThanOrEqual(110)
  })

  it("ends with one line that holds the verdict and the whole reason", () => {
    const line = renderTable(withReason("a\nb"), "test").split("\n").at(-1)
    expect(line).toBe("test: failed — a b")
    expect(closingLine(run)).toBe("pipeline: failed — test (api): 2 of 12 tests failed: summarises an empty text; keeps the order")
  })

  it("has a line for each stage", () => {
    expect(renderTable(run).split("\n")).toHaveLength(run.stages.length + 4)
  })

  it("give one line to what the caller left out", () => {
    const skipped = (stage: string) => ({ ...(run.stages[0] as StageResult), stage, verdict: "skipped" as const, skipKind: "requested" as const, reason: "not in --only lint" })
    const lines = renderTable({ ...run, stages: [run.stages[0] as StageResult, skipped("test"), skipped("push"), skipped("push")] }).split("\n")
    expect(lines.slice(2, 4)).toEqual([expect.stringMatching(/^lint +web +passed/), "skipped, requested: not in --only lint: test, push"])
  })
})

describe("report.html", () => {
  it("loads nothing, runs nothing, and leads to its own files alone", () => {
    const page = renderHtml(withReason(NASTY), { logTails: { "test:api": NASTY } })
    expect(page).not.toMatch(/<script|<link|<img|<iframe|src=|href=(?!"\.\/)|url\(|@import|\son\w+=/i)
    expect(page).toContain("&lt;script&gt;")
  })

  it("says first what failed and shows its log", () => {
    const page = renderHtml(run, { logTails: { "test:api": "the very end" } })
    expect(page.indexOf("test (api): <span")).toBeLessThan(page.indexOf("<h2>Stages"))
    expect(page.match(/the very end/g)).toHaveLength(2)
  })

  it("never lets a text become markup", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeHtml(text)
        expect(escaped).not.toMatch(/[<>"'\u0000\u001b]/)
        expect(html`<p title="${text}">${text}</p>`.html).toBe(`<p title="${escaped}">${escaped}</p>`)
      }),
    )
  })
})

describe("junit.xml", () => {
  it("can be read back, whatever tools printed", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        expect(await parseXml(await renderJunit(withReason(text)))).not.toBeNull()
      }),
      { numRuns: 30 },
    )
  })

  it("holds each stage and each test case of the services", async () => {
    const cases = await parseJunit(await renderJunit(run, [{ service: "api", xml: fixture("pytest-junit.xml") }]))
    expect(cases).toHaveLength(run.stages.length + 4)
    expect(cases?.filter((each) => each.outcome === "failed").map((each) => `${each.suite} ${each.name}`)).toEqual([
      "test (api) test (api)",
      "api: pytest test_bad",
      "api: pytest test_err",
    ])
  })

  it("leaves out a service's report that cannot be read", async () => {
    expect(await parseJunit(await renderJunit(run, [{ service: "api", xml: "<broken" }]))).toHaveLength(run.stages.length)
  })

  it("drops characters that XML cannot hold even as entities", async () => {
    const xml = '<testsuite name="a"><testcase name="x&#27;[31m"><failure message="&#0;bad &#x1b;">y</failure></testcase></testsuite>'
    expect(await renderJunit(run, [{ service: "api", xml }])).not.toMatch(/[\u0000\u001b]|&#0;|&#27;|&#x1b;/)
  })
})

describe("summary.md", () => {
  it("keeps a table row on one line and mentions nobody", () => {
    const rows = renderMarkdown(withReason(`a\n| b @team ${NASTY}`)).split("\n").filter((line) => line.startsWith("| lint"))
    expect(rows).toHaveLength(3)
    for (const row of rows) {
      expect(row.match(/(?<!\\)\|/g)).toHaveLength(6)
      expect(row).not.toContain("@team")
      expect(row).not.toMatch(/(?<!\\)<script/)
    }
  })
})

describe("the size of summary.md", () => {
  const many = (count: number, message: string): RunRecord => ({
    ...run,
    reason: message,
    stages: run.stages.flatMap((stage) => Array.from({ length: count }, () => ({
      ...stage,
      reason: message,
      findings: Array.from({ length: 60 }, () => ({ severity: "high" as const, rule: message, message, file: message, line: 1 })),
    }))),
  })

  it.each([["plain", "long ".repeat(500)], ["escaped", "@*".repeat(2000)], ["four bytes a character", "😀".repeat(3000)]])("is below 60 kB with thousands of rows and findings, %s", (_, message) => {
    const summary = renderMarkdown(many(200, message))
    expect(byteLength(summary)).toBeLessThan(60_000)
    expect(summary).toMatch(/more stages are in report\.html/)
    expect(summary.match(/<details>/g)?.length).toBe(summary.match(/<\/details>/g)?.length)
  })

  it("leaves nothing out of a run of ordinary size", () => {
    expect(renderMarkdown(many(1, "an ordinary message"))).not.toMatch(/more in report\.html \||more stages are/)
  })

  it("is kept by lines that fit and texts that are cut between characters", () => {
    expect(fitLines(["ab", "cd", "ef"], 6, (left) => `${left} more`)).toEqual(["ab", "cd", "1 more"])
    expect(fitLines(["ab", "cd"], 6, () => "more")).toEqual(["ab", "cd"])
    expect(clip("😀😀😀", 2)).toBe("😀…")
    expect(clip("😀😀", 2)).toBe("😀😀")
  })
})

describe("run.json", () => {
  it("of a run without an end is an error called interrupted", async () => {
    const broken = await interruptedRun()
    expect([broken.verdict, broken.reason]).toEqual(["error", "interrupted"])
    expect(closingLine(broken)).toBe("pipeline: error — interrupted")
    expect(broken.stages.find((stage) => stage.stage === "sonar")).toMatchObject({ verdict: "skipped", skipKind: "not-configured" })
  })

  it("of a run without stages is an error", () => {
    expect(assembleRun(HEADER, [], new Map(), 0)).toMatchObject({ verdict: "error", reason: "nothing ran: every stage was skipped" })
  })
})
