import { describe, expect, it } from "vitest"
import type { AuditInput } from "../../../src/core/gates/audit.js"
import { judgeAudit } from "../../../src/core/gates/audit.js"
import { execOutcome, fixture } from "../support.js"

const npm = (exitCode: number, stdout: string, input: Partial<AuditInput> = {}) =>
  judgeAudit(execOutcome("npm audit --json", exitCode, stdout), { report: "npm", level: "high", onUnavailable: "fail", timeoutSeconds: 60, ...input })
const pip = (exitCode: number, stdout: string, input: Partial<AuditInput> = {}, stderr = "") =>
  judgeAudit(execOutcome("pip-audit", exitCode, stdout, stderr), { report: "pip-audit", level: "high", onUnavailable: "fail", timeoutSeconds: 60, ...input })

const VULNERABLE_PIP = JSON.stringify({
  dependencies: [
    { name: "flask", version: "0.5", vulns: [{ id: "PYSEC-2019-179", fix_versions: ["1.0"] }] },
    { name: "left", skip_reason: "not found" },
  ],
})

describe("audit by npm", () => {
  it("passes when nothing is known", () => {
    expect(npm(0, '{"auditReportVersion": 2, "vulnerabilities": {}}').verdict).toBe("passed")
  })

  it("fails for what is as bad as the level or worse", () => {
    const gate = npm(1, fixture("npm-audit-vulnerable.json"))
    expect(gate).toMatchObject({
      verdict: "failed",
      reason: "1 vulnerability of level high or worse: minimist <0.2.4: Prototype Pollution in minimist",
    })
    expect(gate.findings).toHaveLength(2)
    expect(gate.findings[0]?.rule).toBe("https://github.com/advisories/GHSA-xvch-5gv4-984h")
  })

  it.each([
    ["low", 2],
    ["moderate", 2],
    ["high", 1],
    ["critical", 1],
  ] as const)("at level %s counts %i", (level, count) => {
    expect(npm(1, fixture("npm-audit-vulnerable.json"), { level }).reason).toMatch(new RegExp(`^${count} `))
  })

  it("passes below the level, and keeps what it found", () => {
    const report = fixture("npm-audit-vulnerable.json").replaceAll('"critical"', '"moderate"')
    expect(npm(1, report)).toMatchObject({ verdict: "passed", reason: "2 findings below level high" })
  })

  it.each([
    ["refuses", "npm-audit-unavailable.json", /405 Method Not Allowed/],
    ["cannot be reached", "npm-audit-refused.json", /ECONNREFUSED/],
  ])("is an error when the advisory service %s, or a skip where delivery.yaml says so", (_, name, reason) => {
    expect(npm(1, fixture(name))).toMatchObject({ verdict: "error", reason: expect.stringMatching(reason) })
    expect(npm(1, fixture(name), { onUnavailable: "warn" })).toMatchObject({ verdict: "skipped", skipKind: "unavailable" })
  })

  it.each([
    ["there is no lock file", '{"error": {"code": "ENOLOCK", "summary": "This command requires an existing lockfile."}}', /existing lockfile/],
    ["it prints no JSON", "oops", /ended with 1: oops/],
    ["it prints nothing", "", /no output/],
  ])("is an error also with onUnavailable: warn when %s", (_, stdout, reason) => {
    expect(npm(1, stdout, { onUnavailable: "warn" })).toMatchObject({ verdict: "error", reason: expect.stringMatching(reason) })
  })
})

describe("audit by pip-audit", () => {
  it("passes when every dependency was looked up", () => {
    expect(pip(0, '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}').verdict).toBe("passed")
  })

  it("fails for any vulnerability, for none has a severity", () => {
    expect(pip(1, VULNERABLE_PIP)).toMatchObject({
      verdict: "failed",
      reason: "1 vulnerability of level high or worse: flask 0.5: PYSEC-2019-179, fixed in 1.0",
    })
  })

  it("does not believe the exit code 0 of a run that looked up nothing", () => {
    expect(pip(0, fixture("pip-audit-skipped.json"))).toMatchObject({
      verdict: "error",
      reason: expect.stringMatching(/15 of 15 dependencies were not looked up/),
    })
  })

  it("is unavailable without a network", () => {
    const gate = pip(1, "", { onUnavailable: "warn" }, "requests.exceptions.ConnectionError: Max retries exceeded")
    expect(gate).toMatchObject({ verdict: "skipped", skipKind: "unavailable" })
  })

  it("is an error when it is not installed or lists no dependency", () => {
    expect(pip(127, "", { onUnavailable: "warn" }).verdict).toBe("error")
    expect(pip(0, '{"dependencies": []}').verdict).toBe("error")
  })
})

it("judges another tool by its exit code", () => {
  const judge = (exitCode: number) =>
    judgeAudit(execOutcome("own-audit", exitCode), { report: "exit-code", level: "high", onUnavailable: "fail", timeoutSeconds: 1 }).verdict
  expect([judge(0), judge(1)]).toEqual(["passed", "error"])
})
