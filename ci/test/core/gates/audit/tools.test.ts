import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { judgeAudit } from "../../../../src/core/gates/audit.js"
import { AUDIT_TOOLS } from "../../../../src/core/gates/audit/tools.js"
import type { ExecOutcome } from "../../../../src/core/gates/exec.js"
import type { AuditReportKind } from "../../../../src/core/toolchains/toolchain.js"
import { execOutcome } from "../../support.js"
import { judged, kindOf, RECORDED, said } from "./recorded.js"

const KINDS = (Object.keys(AUDIT_TOOLS) as AuditReportKind[]).filter((kind) => kind !== "exit-code")

/** Texts from noise to something close to a report. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.json(),
  fc.array(fc.json()).map((lines) => lines.join("\n")),
  fc.constantFrom("vulnerabilities", "advisories", "dependencies", "message", "error", "children").chain((key) => fc.jsonValue().map((value) => JSON.stringify({ [key]: value }))),
  fc.record({ type: fc.constantFrom("auditAdvisory", "auditSummary", "error"), data: fc.jsonValue() }).map((line) => JSON.stringify(line)),
  fc.record({ value: fc.jsonValue(), children: fc.jsonValue() }).map((line) => JSON.stringify(line)),
  fc.dictionary(fc.string(), fc.record({ severity: fc.jsonValue(), via: fc.oneof(fc.array(fc.oneof(fc.string(), fc.object())), fc.jsonValue()) })).map((vulnerabilities) => JSON.stringify({ vulnerabilities })),
  fc.array(fc.record({ name: fc.jsonValue(), vulns: fc.jsonValue(), skip_reason: fc.jsonValue() }, { requiredKeys: [] })).map((dependencies) => JSON.stringify({ dependencies })),
)

/** All that a tool's report of "nothing is known" looks like. */
const isReport: Readonly<Record<string, (text: string) => boolean>> = {
  npm: (text) => text.includes('"vulnerabilities"'),
  pnpm: (text) => text.includes('"advisories"'),
  "yarn-classic": (text) => text.includes('"auditSummary"'),
  "yarn-berry": (text) => text.includes('"advisories"') || text.includes('"children"'),
  "pip-audit": (text) => text.includes('"dependencies"'),
}

const recordedOf = (kind: AuditReportKind, what: string) => said(RECORDED.find((tool) => kindOf(tool) === kind) ?? "npm", what)

describe.each(KINDS)("the reader of %s", (kind) => {
  // Without the word that makes yarn 4 silent when all is well.
  const argv = recordedOf(kind, "clean").argv.filter((word) => word !== "--json")

  it("throws for no input", () => {
    fc.assert(fc.property(anyText, anyText, fc.integer({ min: 0, max: 255 }), (stdout, stderr, exitCode) => {
      AUDIT_TOOLS[kind].read(execOutcome("a tool", exitCode, stdout, stderr))
    }), { numRuns: 500 })
  })

  it("lets nothing pass that holds no report", () => {
    fc.assert(fc.property(anyText, anyText, fc.constantFrom(0, 1), (stdout, stderr, exitCode) => {
      fc.pre(!isReport[kind]?.(stdout))
      expect(judged({ argv, exitCode, stdout, stderr }, kind).gate.verdict).toBe("error")
    }), { numRuns: 500 })
  })

  it("lets no failed tool pass whose report names nothing", () => {
    const clean = recordedOf(kind, "clean")
    expect(judged(clean, kind).gate.verdict).toBe("passed")
    expect(judged({ ...clean, exitCode: 1 }, kind).gate.verdict).toBe("error")
  })

  it.each([124, 127, 126, 137, 139])("calls an end with %i an error, whatever was printed", (exitCode) => {
    expect(judged({ ...recordedOf(kind, "vulnerable"), exitCode }, kind).gate.verdict).toBe("error")
  })
})

// A report of yarn 4 has no end that could be missing.
it.each(KINDS.filter((kind) => kind !== "yarn-berry"))("the reader of %s takes no report for a pass that is cut off", (kind) => {
  const { stdout, ...exec } = recordedOf(kind, "clean")
  for (let end = 0; end < stdout.trimEnd().length; end += 1) {
    expect([end, judged({ ...exec, stdout: stdout.slice(0, end) }, kind).gate.verdict]).toEqual([end, "error"])
  }
})

describe("the reader of npm", () => {
  const npm = (vulnerabilities: object, exitCode = 1) => judged(execOutcome("npm audit --json", exitCode, JSON.stringify({ vulnerabilities })), "npm").gate

  it("tells a package itself where nothing explains it", () => {
    expect(npm({ a: { severity: "high", via: ["b"], range: "<1" }, b: { severity: "high", via: ["a"], range: "*" } })).toMatchObject({ verdict: "failed", reason: expect.stringContaining("2 vulnerabilities of level high or worse: a <1: through b") })
    expect(npm({ a: { severity: "high", via: [], range: "" } }).reason).toContain("through a package that is not named")
  })

  it.each([
    ["there is no lock file", '{"error": {"code": "ENOLOCK", "summary": "This command requires an existing lockfile."}}', /existing lockfile/],
    ["it prints no JSON", "oops", /ended with 1: oops/],
    ["it prints nothing", "", /no output/],
    ["an entry is not understood", '{"vulnerabilities": {"a": 5}}', /entry for a is not understood/],
  ])("is an error also with onUnavailable: warn when %s", (_, stdout, reason) => {
    expect(judged(execOutcome("npm audit --json", 1, stdout), "npm", { onUnavailable: "warn" }).gate).toMatchObject({ verdict: "error", reason: expect.stringMatching(reason) })
  })

  it("takes a severity that it does not know for high", () => {
    expect(npm({ a: { severity: "dreadful", via: [{ title: "t", url: "https://x/GHSA-1" }] } }).findings[0]?.severity).toBe("high")
  })
})

describe("the reader of pip-audit", () => {
  const pip = (dependencies: readonly object[], input = {}, exitCode = 0) => judged(execOutcome("pip-audit", exitCode, JSON.stringify({ dependencies })), "pip-audit", input).gate
  const GOOD = { name: "a", version: "1", vulns: [] }
  const BAD = { name: "b", version: "1", vulns: [{ id: "PYSEC-2019-179", fix_versions: [] }] }
  const SKIPPED = { name: "c", skip_reason: "not on PyPI" }

  it("does not pass while a dependency was not looked up, and still fails for what is known", () => {
    expect(pip([GOOD, SKIPPED])).toMatchObject({ verdict: "error", reason: expect.stringContaining("1 of 2 dependencies were not looked up: not on PyPI") })
    expect(pip([GOOD, SKIPPED], { onUnavailable: "warn" })).toMatchObject({ verdict: "skipped", skipKind: "unavailable" })
    expect(pip([BAD, SKIPPED], {}, 1).verdict).toBe("failed")
    expect(pip([BAD, SKIPPED], { level: "critical" }, 1).verdict).toBe("error")
  })

  it("is an error without any dependency, and says what to do", () => {
    expect(pip([], { onUnavailable: "warn" })).toMatchObject({ verdict: "error", reason: expect.stringContaining("`commands: {audit: []}`") })
  })
})

describe("the reader of yarn 4", () => {
  const LINE = { value: "request", children: { ID: "request (deprecation)", Issue: "no longer maintained", Severity: "moderate", "Vulnerable Versions": "2.88.2" } }

  it("takes what is deprecated for no vulnerability", () => {
    const gate = judged(execOutcome("yarn npm audit --json", 1, JSON.stringify(LINE)), "yarn-berry", { level: "low" }).gate
    expect(gate).toMatchObject({ verdict: "passed", findings: [{ severity: "info", rule: "deprecated" }] })
  })

  it("takes silence for a report only from the very command that is silent when all is well", () => {
    expect(judged(execOutcome("yarn npm audit --all --recursive --json", 0), "yarn-berry").gate.verdict).toBe("passed")
    expect(judged(execOutcome("yarn npm audit --all --recursive", 0), "yarn-berry").gate.verdict).toBe("error")
  })
})

describe("a command of delivery.yaml's own", () => {
  it.each([
    ["npm", "/usr/bin/npm audit --json"],
    ["npm", "npm audit --omit=dev --json"],
    ["npm", "npx -y npm@11 audit --json"],
    ["pnpm", "npx -y pnpm@12.21.0 --pm-on-fail=ignore audit --json"],
    ["yarn-classic", "npx yarn@1.22.22 audit --json"],
    ["yarn-classic", "yarnpkg audit --json"],
    ["yarn-berry", "node .yarn/releases/yarn-4.18.1.cjs npm audit --all --json"],
    ["yarn-berry", "corepack yarn npm audit --json"],
    ["pip-audit", "python3 -m pip_audit --format json"],
    ["pip-audit", "/opt/pip-audit/bin/pip-audit --format json -r requirements.txt"],
    ["pip-audit", "uvx pip-audit --format json"],
  ] as const)("is read as the report of %s: %s", (kind, argv) => {
    const { stdout, exitCode } = recordedOf(kind, "vulnerable")
    expect(judged(execOutcome(argv, exitCode, stdout), "exit-code").gate.verdict).toBe("failed")
    expect(judged(execOutcome(argv, 0, "all is well"), "exit-code").gate.verdict).toBe("error")
  })

  it.each(["osv-scanner --lockfile package-lock.json", "sh -c ./audit.sh", "pip install pip-audit", "yarn run audit"])("has but its exit code: %s", (argv) => {
    expect([0, 1].map((exitCode) => judged(execOutcome(argv, exitCode, "3 problems"), "npm").gate)).toMatchObject([
      { verdict: "passed" },
      { verdict: "error", reason: expect.stringMatching(/ended with 1: 3 problems$/) },
    ])
  })

  it("may wrap the tool of its toolchain", () => {
    expect(judged(execOutcome("sh audit.sh", 1, said("npm", "vulnerable").stdout), "npm").gate.verdict).toBe("failed")
    expect(judged(execOutcome("sh audit.sh", 0, said("npm", "refusing").stdout), "npm").gate.verdict).toBe("error")
  })
})

describe("several commands", () => {
  const PREPARES = execOutcome("python3 -m venv /opt/pip-audit", 0)
  const input = { report: "pip-audit", lockFile: null, level: "high", onUnavailable: "fail", exceptions: [], today: "2026-11-23", timeoutSeconds: 60 } as const
  const verdictOf = (...execs: readonly ExecOutcome[]) => judgeAudit(execs, input).gate

  it("are judged by all of their reports", () => {
    expect(verdictOf(PREPARES, said("pip-audit", "clean")).verdict).toBe("passed")
    expect(verdictOf(PREPARES, said("pip-audit", "clean"), said("pip-audit", "vulnerable")).verdict).toBe("failed")
    expect(verdictOf(said("pip-audit", "vulnerable"), said("pip-audit", "skipped")).verdict).toBe("failed")
    expect(verdictOf(said("pip-audit", "clean"), said("pip-audit", "refusing")).verdict).toBe("error")
  })

  it("end with the first that could not prepare the next", () => {
    const broken = execOutcome("/opt/pip-audit/bin/pip install pip-audit==2.10.1", 1, "", "ERROR: No matching distribution found")
    expect(verdictOf(PREPARES, broken, execOutcome("/opt/pip-audit/bin/pip-audit", 127))).toMatchObject({ verdict: "error", reason: "/opt/pip-audit/bin/pip install pip-audit==2.10.1 ended with 1: ERROR: No matching distribution found" })
    expect(verdictOf().verdict).toBe("error")
  })
})
