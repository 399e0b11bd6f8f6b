import { describe, expect, it } from "vitest"
import { problemsOf, shop, SHOP } from "../support.js"

const withScan = (scan: string): string => `${SHOP}scan: ${scan}\n`

describe("scan", () => {
  it("has defaults that let nothing pass", async () => {
    const { scan } = await shop()
    expect(scan).toEqual({ level: "high", ignoreUnfixed: false, maxDatabaseAgeDays: 3, licenses: "report", vex: [], exclude: [], exceptions: [] })
  })

  it.each(["CVE-2020-8203", "KSV-0017", "github-pat", "GPL-3.0-only", "GHSA-p6mc-m468-83gw"])("takes an exception for %s", async (id) => {
    const { scan } = await shop(() => withScan(`{exceptions: [{id: ${id}, path: "test/**", reason: r, until: 2026-12-31}]}`))
    expect(scan.exceptions).toEqual([{ id, path: "test/**", reason: "r", until: "2026-12-31" }])
  })

  it.each([
    ["a level that is none", "{level: HIGH}", /one of low, moderate, high, critical/],
    ["a database of any age", "{maxDatabaseAgeDays: 0}", /a whole number from 1 to 90/],
    ["an exception without a reason", "{exceptions: [{id: CVE-2020-8203, until: 2026-12-31}]}", /the key `reason`/],
    ["an exception without an end", "{exceptions: [{id: CVE-2020-8203, reason: r}]}", /the key `until`/],
    ["an exception to a day that is none", "{exceptions: [{id: CVE-2020-8203, reason: r, until: 2026-02-30}]}", /scan\.exceptions\.0\.until: .*no such day/],
    ["a document outside of the repository", "{vex: [../vex.json]}", /relative path/],
  ])("is refused with %s", async (_, scan, problem) => {
    expect(await problemsOf(withScan(scan))).toEqual([expect.stringMatching(problem)])
  })
})
