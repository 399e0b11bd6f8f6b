import { describe, expect, it } from "vitest"
import { renderGitlabSecurity } from "../../../src/core/report/gitlab-security.js"
import type { Finding, RunRecord, StageResult } from "../../../src/core/run.js"
import { lintedRun } from "./sample.js"

const base = await lintedRun()
const row = (stage: string, findings: readonly Finding[], verdict: StageResult["verdict"] = "failed"): StageResult => ({ stage, service: stage === "scan-images" ? "web" : null, environment: null, verdict, skipKind: null, reason: "why", cached: false, durationSeconds: 1, findings, evidence: [] })
const render = (...stages: readonly StageResult[]): Record<string, { scan: { status: string; messages: unknown[] }; vulnerabilities: Record<string, unknown>[] }> =>
  Object.fromEntries(renderGitlabSecurity({ ...base, stages } satisfies RunRecord).map(({ path, text }) => [path, JSON.parse(text)]))
const secret: Finding = { severity: "critical", rule: "github-pat", message: "GitHub token", file: "a.js", line: 3 }
const hole: Finding = { severity: "high", rule: "CVE-2026-1", message: "openssl 3.0.1: bad (CVE-2026-1)", file: "Dockerfile", line: null }

describe("GitLab's security reports", () => {
  it("have findings in files, with their lines", () => {
    const { vulnerabilities } = render(row("scan-files", [secret]))["gitlab/sast.json"] ?? { vulnerabilities: [] }
    expect(vulnerabilities).toMatchObject([{ severity: "Critical", identifiers: [{ value: "github-pat" }], location: { file: "a.js", start_line: 3 } }])
  })

  it("have findings in images, with the package", () => {
    const { vulnerabilities } = render(row("scan-images", [hole]))["gitlab/container-scanning.json"] ?? { vulnerabilities: [] }
    expect(vulnerabilities).toMatchObject([{ severity: "High", identifiers: [{ type: "cve", value: "CVE-2026-1" }], location: { image: "web", dependency: { package: { name: "openssl" }, version: "3.0.1" } } }])
  })

  it("are not there for a scan that did not run", () => {
    expect(render(row("scan-files", [], "skipped"))).toEqual({})
    expect(Object.keys(render(row("scan-files", [], "passed")))).toEqual(["gitlab/sast.json"])
  })

  it("say that a scan broke", () => {
    const { scan } = render(row("scan-images", [], "error"))["gitlab/container-scanning.json"] ?? {}
    expect(scan).toMatchObject({ status: "failure", messages: [{ level: "fatal", value: "scan-images: why" }] })
  })

  it("have what the schema of version 15 demands of every entry", () => {
    const reports = Object.values(render(row("scan-files", [secret, { ...secret, rule: "", message: "" }]), row("scan-images", [hole, { ...hole, message: "" }])))
    for (const { scan, vulnerabilities } of reports) {
      expect(Object.keys(scan)).toEqual(expect.arrayContaining(["analyzer", "end_time", "scanner", "start_time", "status", "type"]))
      expect(scan).toMatchObject({ start_time: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/) as string })
      for (const entry of vulnerabilities) {
        expect(Object.keys(entry)).toEqual(expect.arrayContaining(["id", "identifiers", "location"]))
        expect(JSON.stringify(entry)).not.toMatch(/"(name|value|id|file)":""/)
      }
    }
    const ids = reports.flatMap(({ vulnerabilities }) => vulnerabilities.map(({ id }) => id))
    expect(new Set(ids).size).toBe(ids.length)
  })
})
