import { describe, expect, it } from "vitest"
import { judged, kindOf, RECORDED, recorded, said } from "./recorded.js"

const NODE = RECORDED.filter((tool) => tool !== "pip-audit")
const verdictOf = (tool: (typeof RECORDED)[number], what: string, input = {}) => judged(said(tool, what), kindOf(tool), input).gate

describe.each(NODE)("audit by %s", (tool) => {
  it("names each advisory once, the worst first, and the lock file", () => {
    const gate = verdictOf(tool, "vulnerable")
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toBe("2 vulnerabilities of level high or worse: minimist <0.2.4: Prototype Pollution in minimist (GHSA-xvch-5gv4-984h)")
    expect(gate.findings).toEqual([
      { severity: "critical", rule: "https://github.com/advisories/GHSA-xvch-5gv4-984h", message: "minimist <0.2.4: Prototype Pollution in minimist (GHSA-xvch-5gv4-984h)", file: "app/lock", line: null },
      expect.objectContaining({ severity: "high", rule: "https://github.com/advisories/GHSA-p6mc-m468-83gw" }),
      expect.objectContaining({ severity: "moderate", rule: "https://github.com/advisories/GHSA-29mw-wpgm-hmr9" }),
    ])
  })

  it.each([
    ["low", 3],
    ["moderate", 3],
    ["high", 2],
    ["critical", 1],
  ] as const)("counts at level %s %i", (level, count) => {
    expect(verdictOf(tool, "vulnerable", { level }).reason).toMatch(new RegExp(`^${count} vulnerabilit(y|ies) of level ${level} or worse`))
  })
})

describe.each(RECORDED)("audit by %s", (tool) => {
  it("passes when nothing is known", () => {
    expect(verdictOf(tool, "clean")).toMatchObject({ verdict: "passed", reason: "", findings: [] })
  })

  it.each(["refusing", "missing", "forbidden", "broken", "unavailable", "rubbish", "cut", "down"])(
    "is an error when the advisory service is %s, or a skip where delivery.yaml says so",
    (mode) => {
      expect(verdictOf(tool, mode)).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^no advisory service answered: \S.* \(audit.onUnavailable is fail\)$/) })
      expect(verdictOf(tool, mode, { onUnavailable: "warn" })).toMatchObject({ verdict: "skipped", skipKind: "unavailable" })
    },
  )

  it("never passes when the advisory service answers something else", () => {
    expect(verdictOf(tool, "wrong").verdict).toBe("error")
  })

  it("tells the status of a refusal", () => {
    expect(verdictOf(tool, "refusing").reason).toContain("405")
  })

  it("tells what happened on the wire", () => {
    expect(verdictOf(tool, "down").reason).toMatch(/ECONNREFUSED|[Cc]onnection refused/)
  })
})

describe("audit by pip-audit", () => {
  it("fails for any vulnerability, for none has a severity", () => {
    expect(verdictOf("pip-audit", "vulnerable")).toMatchObject({ verdict: "failed", reason: "1 vulnerability of level high or worse: requests 2.19.0: PYSEC-2018-28, fixed in 2.20.0" })
  })

  it("does not believe the exit code 0 of a run that looked up nothing", () => {
    expect(said("pip-audit", "skipped").exitCode).toBe(0)
    expect(verdictOf("pip-audit", "skipped")).toMatchObject({ verdict: "error", reason: expect.stringContaining("1 of 1 dependencies were not looked up: Dependency not found on PyPI") })
  })
})

describe("audit by npm", () => {
  it("tells a package that is vulnerable through another with the other's advisory, once", () => {
    expect(judged(said("npm", "through"), "npm").gate.findings).toHaveLength(1)
  })
})

describe("audit by yarn 4", () => {
  // Its request for deprecations ends it before it can tell in its own words what happened to the other.
  it.each([
    ["refusing-with-deprecations", "Response code 405 (Method Not Allowed)"],
    ["down-with-deprecations", "connect ECONNREFUSED 127.0.0.1:9"],
  ])("is understood also where it breaks down itself: %s", (what, cause) => {
    expect(verdictOf("yarn-berry", what, { onUnavailable: "warn" })).toEqual({ verdict: "skipped", skipKind: "unavailable", reason: `no advisory service answered: ${cause}`, findings: [] })
  })
})

it("an empty answer is rubbish to every tool but yarn 4, which takes it for a clean report", () => {
  const verdicts = RECORDED.map((tool) => [tool, verdictOf(tool, "empty").verdict])
  expect(Object.fromEntries(verdicts)).toEqual({ npm: "error", pnpm: "error", "pnpm-10": "error", "yarn-classic": "error", "yarn-berry": "passed", "pip-audit": "error" })
})

it("only what was recorded as clean passes", () => {
  const passing = RECORDED.flatMap((tool) => Object.keys(recorded(tool)).filter((what) => verdictOf(tool, what).verdict === "passed").map((what) => `${tool} ${what}`))
  expect(passing).toEqual([...RECORDED.filter((tool) => tool !== "pip-audit" && tool !== "yarn-berry").map((tool) => `${tool} clean`), "yarn-berry clean", "yarn-berry empty", "pip-audit clean"])
})
