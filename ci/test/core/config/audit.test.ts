import { describe, expect, it } from "vitest"
import { problemsOf, shop, SHOP } from "../support.js"

const withException = (exception: string): string => `${SHOP}audit: {exceptions: [${exception}]}\n`

describe("audit.exceptions", () => {
  it.each(["2026-12-31", "2028-02-29", "2000-02-29"])("may end on a real day: %s", async (until) => {
    const exception = `{id: GHSA-p6mc-m468-83gw, package: lodash, reason: not reached, until: ${until}}`
    const { audit } = await shop(() => withException(exception))
    expect(audit.exceptions).toEqual([{ id: "GHSA-p6mc-m468-83gw", package: "lodash", reason: "not reached", until }])
  })

  it.each(["2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-04-00"])("may not end on %s", async (until) => {
    expect(await problemsOf(withException(`{id: CVE-2020-8203, reason: r, until: ${until}}`))).toEqual([
      expect.stringMatching(new RegExp(`audit.*until.*expected a day such as 2026-12-31.*got "${until}".*no such day`)),
    ])
  })

  it.each([
    ["no reason", "{id: CVE-2020-8203, until: 2026-12-31}", /the key `reason`/],
    ["an empty reason", '{id: CVE-2020-8203, reason: " ", until: 2026-12-31}', /expected a text/],
    ["no end", "{id: CVE-2020-8203, reason: r}", /the key `until`/],
    ["an end in words", "{id: CVE-2020-8203, reason: r, until: never}", /expected a day such as/],
    ["no id", "{reason: r, until: 2026-12-31}", /the key `id`/],
    ["the number of an advisory", "{id: 1006899, reason: r, until: 2026-12-31}", /expected the id of an advisory/],
    ["a key that is none", "{id: CVE-2020-8203, reason: r, until: 2026-12-31, packge: x}", /unknown key `packge`.*`package`/],
  ])("are refused with %s", async (_, exception, problem) => {
    expect(await problemsOf(withException(exception))).toEqual([expect.stringMatching(problem)])
  })
})
