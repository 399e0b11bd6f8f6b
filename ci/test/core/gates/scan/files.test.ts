import { describe, expect, it } from "vitest"
import { judgeFilesScan } from "../../../../src/core/gates/scan/files.js"
import { treePlaces } from "../../../../src/core/scan/places.js"
import type { Finding } from "../../../../src/core/run.js"
import { fixture } from "../../support.js"
import { filesScan, LIMITS, LOOPBACK, NAMED_SECRET, NO_WORDS, recordedScan, SAMPLE, WITH_ETHERNET, METADATA, databaseLimits } from "./recorded-scan.js"

const spare = (id: string, more: object = {}) => ({ id, reason: "known", until: "2026-12-31", ...more })
const findingOf = (findings: readonly Finding[], rule: string, file?: string) => findings.filter((finding) => finding.rule === rule && (file === undefined || finding.file === file))

describe("a scan of files", () => {
  it("is green for a tree without faults, and says what it looked at and with what", () => {
    const { gate } = judgeFilesScan(filesScan("green"))
    expect(gate).toMatchObject({ verdict: "passed", reason: "1 lock file, 1 file of configuration; no network" })
  })

  it("is red for a planted dependency, key, pod and security group, by kind, with the worst first", () => {
    const { gate } = judgeFilesScan(filesScan("red"))
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toMatch(/^1 vulnerability, \d+ misconfigurations, 2 secrets of level high or worse: web\/config\.ts:1: Uncovered a GitHub Personal Access Token.*; no network$/)
    expect(findingOf(gate.findings, "CVE-2021-44906")).toEqual([
      { severity: "critical", rule: "CVE-2021-44906", message: "minimist 1.2.5: Prototype Pollution in minimist (CVE-2021-44906), fixed in 1.2.6, 0.2.4", file: "web/package-lock.json", line: expect.any(Number) as number },
    ])
    expect(findingOf(gate.findings, "KSV-0017")).toMatchObject([{ severity: "high", file: "deploy/pod.yaml" }])
    expect(findingOf(gate.findings, "AWS-0107")).toMatchObject([{ severity: "high", file: "tf/main.tf", line: 9 }])
    expect(findingOf(gate.findings, "DS-0002")).toMatchObject([{ severity: "high", file: "web/Dockerfile" }])
  })

  it("tells what does not fail with the reason: only developed with, VEX, licences", () => {
    const { findings } = judgeFilesScan(filesScan("red")).gate
    expect(findingOf(findings, "CVE-2020-8203")).toMatchObject([{ severity: "info", message: expect.stringMatching(/lodash 4\.17\.15.*; high, only used in development$/) }])
    expect(findingOf(findings, "CVE-2020-14343")).toMatchObject([{ severity: "info", file: "api/requirements.txt", message: expect.stringMatching(/; critical, VEX says not_affected: vulnerable_code_not_in_execute_path$/) }])
    expect(findingOf(findings, "GPL-3.0-only")).toMatchObject([{ severity: "info", message: "gpl-thing: licence GPL-3.0-only is restricted; high, licences are only reported" }])
  })

  it("fails for a licence where delivery.yaml says so", () => {
    const { gate } = judgeFilesScan(filesScan("red", { limits: { ...LIMITS, licenses: "fail" } }))
    expect(gate.reason).toContain("1 licence of level high or worse")
  })

  it("counts a vulnerability that nothing mends unless delivery.yaml leaves it out", () => {
    const at = (ignoreUnfixed: boolean) => findingOf(judgeFilesScan(filesScan("red", { limits: { ...LIMITS, level: "moderate", ignoreUnfixed } })).gate.findings, "CVE-2023-28155")
    expect(at(false)).toMatchObject([{ severity: "moderate" }])
    expect(at(true)).toMatchObject([{ severity: "info", message: expect.stringMatching(/; moderate, nothing mends it yet$/) }])
  })
})

describe("a secret", () => {
  const { gate, hidden } = judgeFilesScan(filesScan("red"))

  it("is told by file, line and rule", () => {
    expect(findingOf(gate.findings, "github-pat", "web/config.ts")).toMatchObject([{ severity: "critical", line: 1 }])
  })

  it("in the name of a file is found, and shown nowhere", () => {
    expect(findingOf(gate.findings, "github-pat", "keys/***")).toHaveLength(1)
    expect(hidden).toEqual([`${NAMED_SECRET}.txt`])
    expect(JSON.stringify(gate)).not.toContain(NAMED_SECRET)
  })

  it("is told also where nothing else could be judged", () => {
    const broken = judgeFilesScan(filesScan("red", { canary: recordedScan("db-empty", "canary") })).gate
    expect(broken.verdict).toBe("error")
    expect(findingOf(broken.findings, "github-pat")).toHaveLength(2)
  })
})

describe("exceptions of scan", () => {
  const judged = (exceptions: ReturnType<typeof spare>[], today = "2026-11-23") => judgeFilesScan(filesScan("red", { limits: { ...LIMITS, exceptions, today } }))

  it.each([
    ["CVE-2021-44906", {}], ["GHSA-xvch-5gv4-984h", {}], ["cve-2021-44906", { package: "minimist" }], ["CVE-2021-44906", { path: "web/**" }],
    ["AWS-0107", { path: "tf/*.tf" }], ["github-pat", { path: "web/config.ts" }],
  ])("spare %s with %o and keep it visible", (id, more) => {
    const { gate, matched } = judged([spare(id, more)])
    expect(matched).toHaveLength(1)
    expect(gate.findings.filter(({ message }) => message.endsWith("excepted until 2026-12-31: known")).length).toBeGreaterThan(0)
  })

  it.each([["CVE-2021-44906", { package: "other" }], ["CVE-2021-44906", { path: "api/**" }], ["github-pat", { path: "keys/x" }]])("spare nothing for %s with %o", (id, more) => {
    expect(judged([spare(id, more)]).matched).toEqual([])
  })

  it("are over after their last day, and the row says so", () => {
    const { gate } = judged([spare("CVE-2021-44906", { until: "2026-11-22" })])
    expect(gate.reason).toContain("; exception for CVE-2021-44906 expired on 2026-11-22; no network")
  })
})

describe("no verdict", () => {
  it.each([
    ["an empty database", { canary: recordedScan("db-empty", "canary") }, /^the vulnerability database does not know CVE-2021-44906, which every one does: it is empty/],
    ["a database that is none", { canary: recordedScan("db-garbage", "canary") }, /^trivy fs --offline-scan ended with 1: Fatal error .*invalid database/],
    ["a truncated database", { canary: recordedScan("db-truncated", "canary") }, /^trivy fs --offline-scan ended with 2: panic: assertion failed/],
    ["no database", { canary: recordedScan("db-none", "canary") }, /ended with 1: Fatal error .*cannot be specified on the first run/],
    ["a lock file that is cut off", { files: recordedScan("broken-lock", "files"), lockTexts: { "web/package-lock.json": '{ "lockfileVersion": 3, "packages": {' } }, /^web\/package-lock\.json: the scanner did not understand this lock file\. Mend it/],
    ["a chart that does not render", { files: recordedScan("chart", "files") }, /^chart c does not render with its own values/],
    ["a scanner that was stopped", { files: { ...recordedScan("green", "files"), exec: { ...recordedScan("green", "files").exec, exitCode: 124 } } }, /did not end within 900 s and was stopped/],
    ["a report that is missing", { files: { ...recordedScan("green", "files"), report: null } }, /^the scanner left no report/],
    ["the code for findings and none", { files: { ...recordedScan("broken-lock", "files"), exec: { ...recordedScan("green", "files").exec, exitCode: 10 } } }, /ended with 10, and its report names nothing/],
    ["findings and the code for none", { files: { ...recordedScan("red", "files"), exec: { ...recordedScan("red", "files").exec, exitCode: 0 } } }, /ended with 0, and its report names \d+ findings/],
    ["rules for secrets that are not in force", { secrets: { ...filesScan("green").secrets, canary: recordedScan("green", "secrets") } }, /^gitleaks did not find the key that was laid out for it/],
    ["a scanner for secrets that broke", { secrets: { ...filesScan("green").secrets, tree: { ...recordedScan("green", "secrets"), exec: { ...recordedScan("green", "secrets").exec, exitCode: 126 } } } }, /cannot be executed/],
  ])("with %s", (_, more, reason) => {
    const { gate } = judgeFilesScan(filesScan("green", more))
    expect(gate.verdict).toBe("error")
    expect(gate.reason).toMatch(reason)
  })

  it("with an empty lock file there is one", () => {
    const lockTexts = { "web/package-lock.json": '{"name":"a","lockfileVersion":3,"packages":{"":{"name":"a"}}}' }
    expect(judgeFilesScan(filesScan("green", { files: recordedScan("broken-lock", "files"), lockTexts })).gate.verdict).toBe("passed")
  })
})

describe("the row", () => {
  it("says everywhere that a sample database is no security statement", () => {
    for (const name of ["red", "green"] as const) {
      const { gate } = judgeFilesScan(filesScan(name, { database: { metadata: METADATA, sample: SAMPLE, notRenewed: null } }))
      expect(gate.reason).toContain("sample database, 13 advisories, not a security statement; no network")
    }
  })

  it("refuses a sample where something leaves the machine", () => {
    const { gate } = judgeFilesScan(filesScan("green", { database: { metadata: METADATA, sample: SAMPLE, notRenewed: null }, databaseLimits: { ...databaseLimits, sampleAllowed: false } }))
    expect(gate).toMatchObject({ verdict: "error", reason: expect.stringMatching(/^sample database, 13 advisories, not a security statement: only environment local takes it/) })
  })

  it("says that egress was open, whatever was asked for", () => {
    const with_ = (way: "network-none" | "open", network: string | null) => judgeFilesScan(filesScan("green", { isolation: { way, network } })).gate.reason
    expect(with_("network-none", LOOPBACK)).toMatch(/; no network$/)
    expect(with_("network-none", WITH_ETHERNET)).toMatch(/; egress was open \(RUN --network=none: eth0\)$/)
    expect(with_("open", WITH_ETHERNET)).toMatch(/; egress was open \(no way that this engine has: eth0\)$/)
    expect(with_("network-none", null)).toMatch(/; whether egress was open is not known$/)
    expect(with_("network-none", "")).toMatch(/; whether egress was open is not known$/)
  })

  it("names what was left out and words that would take findings out", () => {
    const { gate } = judgeFilesScan(filesScan("green", { excluded: ["test/**"], powerless: { ...NO_WORDS, stdout: "./tree/web/Dockerfile:3\n./rendered/local.yaml:9\n" } }))
    expect(gate.reason).toBe("1 lock file, 1 file of configuration; not scanned: test/**; no network")
    expect(gate.findings).toContainEqual({ severity: "low", rule: "trivy:ignore", message: expect.stringMatching(/^this takes no finding out here/) as string, file: "web/Dockerfile", line: 3 })
    expect(gate.findings.filter(({ rule }) => rule === "trivy:ignore")).toHaveLength(1)
  })

  it("has no verdict where such words could not be taken their power", () => {
    const { gate } = judgeFilesScan(filesScan("green", { powerless: { ...NO_WORDS, exitCode: 1, stderr: "still there: ./tree/a.tf" } }))
    expect(gate).toMatchObject({ verdict: "error", reason: expect.stringMatching(/still there: \.\/tree\/a\.tf$/) as string })
  })
})

describe("a chart", () => {
  const text = "# Source: shop/templates/web.yaml\n"
  const files = recordedScan("rendered", "files")
  const rendered = (JSON.parse(fixture("scan/rendered.json")) as { files: { report: { Results: readonly { Target: string }[] } } }).files.report.Results.map(({ Target }) => Target)

  it("is judged as it is rendered: one fault for all environments, at its template", () => {
    expect(rendered).toEqual(expect.arrayContaining(["rendered/local.yaml", "rendered/production.yaml"]))
    const { gate } = judgeFilesScan(filesScan("green", { files, places: treePlaces("charts/shop", { local: text, production: text }) }))
    expect(gate.verdict).toBe("failed")
    expect(findingOf(gate.findings, "KSV-0017")).toEqual([
      { severity: "high", rule: "KSV-0017", message: expect.stringMatching(/privileged.*\(rendered for local, production\)$/) as string, file: "charts/shop/templates/web.yaml", line: null },
    ])
  })
})
