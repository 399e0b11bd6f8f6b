import { describe, expect, it } from "vitest"
import { uselessExceptions } from "../../../src/core/gates/exceptions.js"
import { exceptionFor, judged, kindOf, said, type Recorded } from "./audit/recorded.js"

const judge = (tool: Recorded, exceptions: readonly ReturnType<typeof exceptionFor>[], input = {}) => judged(said(tool, "vulnerable"), kindOf(tool), { exceptions, ...input })
const LODASH = exceptionFor("GHSA-p6mc-m468-83gw")
const MINIMIST = exceptionFor("GHSA-xvch-5gv4-984h")

describe("exceptions of audit", () => {
  it.each(["npm", "pnpm", "pnpm-10", "yarn-classic", "yarn-berry"] as const)("spare what they name, and keep it visible, with %s", (tool) => {
    const { gate, matched } = judge(tool, [LODASH, MINIMIST])
    expect(gate).toMatchObject({ verdict: "passed", reason: "1 finding below level high; 2 findings excepted" })
    expect(gate.findings).toContainEqual({
      severity: "info",
      rule: "https://github.com/advisories/GHSA-p6mc-m468-83gw",
      message: "lodash >=3.7.0 <4.17.19: Prototype Pollution in lodash (GHSA-p6mc-m468-83gw); high, excepted until 2026-12-31: no user input gets there",
      file: "app/lock",
      line: null,
    })
    expect(matched).toEqual(expect.arrayContaining([LODASH, MINIMIST]))
  })

  it.each(["PYSEC-2018-28", "CVE-2018-18074", "cve-2018-18074", "GHSA-x84v-xcm2-53pg"])("are known by any id of the advisory: %s", (id) => {
    expect(judge("pip-audit", [exceptionFor(id)]).gate.verdict).toBe("passed")
  })

  it("spare no other advisory of the package, and no other package", () => {
    expect(judge("npm", [LODASH]).gate).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^1 vulnerability .*minimist/) })
    expect(judge("npm", [LODASH, exceptionFor(MINIMIST.id, { package: "other" })]).gate.verdict).toBe("failed")
    expect(judge("npm", [LODASH, exceptionFor(MINIMIST.id, { package: "minimist" })]).gate.verdict).toBe("passed")
  })

  it("count to the end of their last day", () => {
    const until = { until: "2026-11-23" }
    const exceptions = [exceptionFor(LODASH.id, until), exceptionFor(MINIMIST.id, until)]
    expect(judge("npm", exceptions, { today: "2026-11-23" }).gate.verdict).toBe("passed")
    expect(judge("npm", exceptions, { today: "2026-11-24" }).gate).toMatchObject({
      verdict: "failed",
      reason: expect.stringMatching(/; exception for GHSA-p6mc-m468-83gw expired on 2026-11-23; exception for GHSA-xvch-5gv4-984h expired on 2026-11-23$/),
    })
  })

  it("spare nothing that could not be looked up", () => {
    expect(judged(said("pip-audit", "skipped"), "pip-audit", { exceptions: [exceptionFor("PYSEC-2018-28")] }).gate.verdict).toBe("error")
  })
})

describe("an exception that no service needs", () => {
  it("is told when the audits of all services are known", () => {
    const { matched } = judge("npm", [LODASH, MINIMIST])
    const old = exceptionFor("CVE-2001-0001", { package: "gone" })
    expect(uselessExceptions("audit", [LODASH, MINIMIST, old], [matched, []])).toEqual([
      { severity: "info", rule: "audit.exceptions", message: "exception for CVE-2001-0001 in gone matches nothing; remove it", file: "delivery.yaml", line: null },
    ])
  })

  it.each([
    ["has not been audited", undefined],
    ["could not be audited", null],
  ])("is not told while a service %s", (_, matched) => {
    expect(uselessExceptions("audit", [LODASH], [[], matched])).toEqual([])
  })
})
