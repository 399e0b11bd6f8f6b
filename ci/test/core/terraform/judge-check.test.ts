import { describe, expect, it } from "vitest"
import type { StepOutcome } from "../../../src/core/steps/step.js"
import { checkSteps } from "../../../src/core/terraform/check-steps.js"
import { judgeFolder, judgeFormat, judgeProvider } from "../../../src/core/terraform/judge-check.js"
import { judgeLiveSteps } from "../../../src/core/terraform/judge-live.js"
import { judgeTool } from "../../../src/core/terraform/judge-tools.js"
import { terraformLayout } from "../../../src/core/terraform/layout.js"
import { conftestOf, readCheckov, readConftest, readTflint } from "../../../src/core/terraform/tool-reports.js"

const outcome = (name: string, exitCode: number, stdout = "", stderr = ""): StepOutcome => ({ name, argv: ["tofu", name.split("/").at(-1) ?? ""], exitCode, stdout, stderr, seconds: 1 })
const VALID = '{"format_version":"1.0","valid":true,"error_count":0,"warning_count":0,"diagnostics":[]}'
const summary = (passed: number, failed: number): string => `{"type":"version","tofu":"1.11.0"}\n{"type":"test_summary","test_summary":{"status":"pass","passed":${passed},"failed":${failed},"errored":0,"skipped":0}}\n`
const invalid = (title: string, detail: string): string => JSON.stringify({ valid: false, diagnostics: [{ severity: "error", summary: title, detail, range: { filename: "main.tf", start: { line: 7 } } }] })
// In tofu 1.11's words.
const NO_REGISTRY = "\nError: Failed to query available provider packages\n\nCould not retrieve the list of available versions for provider hashicorp/aws:\ncould not connect to registry.opentofu.org: failed to request discovery\ndocument: dial tcp: lookup registry.opentofu.org: no such host\n\n"
const LOCKED = '\nError: Error acquiring the state lock\n\nError message: HTTP remote state already locked: ID=0b6f\nLock Info:\n  Who:       grace@laptop\n\n'

describe("judgeProvider", () => {
  it("tells a provider that is there, one that is out of reach, and tofu's own end", () => {
    expect(judgeProvider(outcome("provider", 0, "- Installed hashicorp/aws v6.62.0 (signed)\n"), "x")).toMatchObject({ source: "real", gate: { verdict: "passed", reason: "hashicorp/aws v6.62.0" } })
    expect(judgeProvider(outcome("provider", 1, "", NO_REGISTRY), "hashicorp/aws 6.62.0")).toMatchObject({ source: "stand-in", gate: { verdict: "skipped", skipKind: "unavailable", reason: expect.stringContaining("hashicorp/aws 6.62.0") } })
    expect(judgeProvider(outcome("provider", 124), "x")).toMatchObject({ source: "stand-in", gate: { verdict: "skipped" } })
    expect(judgeProvider(outcome("provider", 137), "x")).toMatchObject({ gate: { verdict: "error" } })
    expect(judgeProvider(outcome("provider", 127, "", "tofu: not found"), "x")).toMatchObject({ gate: { verdict: "error" } })
  })
})

describe("judgeFolder", () => {
  const folder = (...outcomes: StepOutcome[]) => judgeFolder("terraform/envs/dev", outcomes, "stand-in", 60).gate
  const init = outcome("envs/dev/init", 0)
  const validate = outcome("envs/dev/validate", 0, VALID)

  it.each<[string, StepOutcome[], string, RegExp]>([
    ["a folder whose tests pass", [init, validate, outcome("envs/dev/test", 0, summary(3, 0))], "passed", /3 test runs/],
    ["a folder without tests", [init, validate], "passed", /is valid/],
    ["a wrong argument, with its place", [init, outcome("envs/dev/validate", 1, invalid("Unsupported argument", "An argument named \"x\" is not expected here."))], "failed", /terraform\/envs\/dev\/main\.tf:7: Unsupported argument/],
    ["a type that the schema does not hold", [init, outcome("envs/dev/validate", 1, invalid("Invalid resource type", "The provider does not support resource type \"aws_x\"."))], "skipped", /aws_x/],
    ["a failed assertion", [init, validate, outcome("envs/dev/test", 1, `{"diagnostic":{"severity":"error","summary":"Test assertion failed","detail":"expected two"}}\n${summary(1, 1)}`)], "failed", /expected two/],
    ["test files without a run", [init, validate, outcome("envs/dev/test", 0, summary(0, 0))], "error", /no run in them/],
    ["a test that ended without a summary", [init, validate, outcome("envs/dev/test", 1, "")], "error", /without a summary/],
    ["a hang", [init, outcome("envs/dev/validate", 124)], "error", /did not end within 60 s/],
    ["a broken configuration", [outcome("envs/dev/init", 1, "", "\nError: Unsupported block type\n\n  on main.tf line 3\n")], "failed", /Unsupported block type/],
    ["a provider that nothing stands in for", [outcome("envs/dev/init", 1, "", NO_REGISTRY)], "skipped", /no schema stands in/],
    ["a module out of reach", [outcome("envs/dev/init", 1, "", "\nError: Failed to download module\n\nCould not download module \"vpc\"\n\n")], "skipped", /a module is out of reach/],
    ["a provider that breaks down", [init, outcome("envs/dev/validate", 1, invalid("Failed to load plugin schemas", "exit status 2"))], "error", /the provider broke down/],
    ["nothing at all", [], "error", /was not reached/],
  ])("has a verdict on %s", (_, outcomes, verdict, reason) => {
    expect(folder(...outcomes)).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
  })
})

describe("judgeFormat", () => {
  it("tells what would change from what cannot be read", () => {
    expect(judgeFormat(outcome("fmt", 0), "terraform", 60).verdict).toBe("passed")
    expect(judgeFormat(outcome("fmt", 3, "main.tf\n"), "terraform", 60)).toMatchObject({ verdict: "failed", findings: [{ file: "terraform/main.tf" }] })
    expect(judgeFormat(outcome("fmt", 2, "", "Error: Invalid block definition"), "terraform", 60)).toMatchObject({ verdict: "failed", reason: expect.stringContaining("cannot read") })
  })
})

describe("judgeTool", () => {
  const limits = { exceptions: [{ id: "CKV_AWS_18", path: "terraform/**", reason: "it is a copy", until: "2026-12-31" }], today: "2026-11-23", level: "moderate" as const }
  const checkov = (failed: object[], passed = 1): string => JSON.stringify({ results: { passed_checks: Array.from({ length: passed }, () => ({})), failed_checks: failed, skipped_checks: [], parsing_errors: [] } })
  const fault = { check_id: "CKV_AWS_18", check_name: "access logging", resource: "aws_s3_bucket.a", file_path: "/modules/dr/main.tf", file_line_range: [3, 9] }

  it("lets an exception of delivery.yaml spare a fault until its day, and a comment in the code none", () => {
    const judge = (text: string, today = limits.today) => judgeTool("checkov", readCheckov(text, (file) => `terraform/${file}`), "check", { ...limits, today }).gate
    expect(judge(checkov([fault]))).toMatchObject({ verdict: "passed", reason: "2 checks, 1 excepted", findings: [{ severity: "info", file: "terraform/modules/dr/main.tf", line: 3 }] })
    expect(judge(checkov([fault]), "2027-01-01")).toMatchObject({ verdict: "failed" })
    expect(judge(JSON.stringify({ results: { passed_checks: [{}], failed_checks: [], skipped_checks: [{ ...fault, check_id: "CKV_AWS_19" }], parsing_errors: [] } }))).toMatchObject({ verdict: "failed", reason: expect.stringContaining("CKV_AWS_19") })
  })

  it.each<[string, string, string]>([
    ["nothing", "", "did not tell"],
    ["no JSON", "Traceback (most recent call last)", "Traceback"],
    ["no check at all", checkov([], 0), "looked at nothing"],
  ])("makes an error of %s", (_, text, reason) => {
    expect(judgeTool("checkov", readCheckov(text, (file) => file), "check", limits)).toMatchObject({ matched: null, gate: { verdict: "error", reason: expect.stringContaining(reason) } })
  })

  it("finds, in every tool's words, the file that is no HCL", () => {
    const CONFTEST = "Error: running test: parse configurations: parser unmarshal: convert to bytes: parse config: [:1,11-12: Argument or block definition required; An argument or block definition is required here.], path: /work/modules/registry/broken.tf\n"
    const TFLINT = JSON.stringify({ issues: [], errors: [{ message: "Failed to run in modules/registry; exit status 1\n\nFailed to load configurations; modules/registry/broken.tf:1,11-12: Argument or block definition required; An argument or block definition is required here.:\n\nError: Argument", severity: "error" }] })
    const CHECKOV = JSON.stringify({ results: { passed_checks: [{}], failed_checks: [], parsing_errors: ["/modules/registry/broken.tf"] } })
    const here = (file: string): string => `terraform/${file}`
    for (const report of [conftestOf(outcome("files-policy", 1, "", CONFTEST), { there: "/work", here: "terraform" }), readTflint(TFLINT, 3, here), readCheckov(CHECKOV, here)]) {
      expect(judgeTool("it", report, "file", limits).gate).toMatchObject({ verdict: "failed", findings: [{ rule: "hcl", file: "terraform/modules/registry/broken.tf" }] })
    }
  })

  it("reads conftest and tflint", () => {
    const conftest = readConftest('[{"filename":"Combined","namespace":"hcl","successes":7,"failures":[{"msg":"/work/envs/dev/a.tf: expected tags","metadata":{"policy":"tags","address":"/work/envs/dev/a.tf"}}]}]', { there: "/work", here: "terraform" })
    expect(conftest).toEqual({ kind: "read", looked: 8, faults: [expect.objectContaining({ rule: "tags", message: "terraform/envs/dev/a.tf: expected tags", path: "terraform/envs/dev/a.tf" })] })
    const tflint = '{"issues":[{"rule":{"name":"terraform_unused_declarations","severity":"warning"},"message":"local.x is declared but not used","range":{"filename":"main.tf","start":{"line":2}}}],"errors":[]}'
    expect(readTflint(tflint, 3, (file) => file)).toMatchObject({ kind: "read", looked: 3, faults: [{ severity: "moderate", line: 2 }] })
    expect(readTflint('{"issues":[],"errors":[{"message":"Failed to load configurations"}]}', 3, (file) => file)).toEqual({ kind: "unreadable", detail: "Failed to load configurations" })
  })
})

describe("judgeLiveSteps", () => {
  it.each<[string, StepOutcome[], string, RegExp]>([
    ["a lock that somebody else holds", [outcome("init", 0), outcome("plan", 1, "", LOCKED)], "error", /somebody else holds the state's lock.*grace@laptop/],
    ["a state that has moved", [outcome("init", 0), outcome("apply", 1, "", "\nError: Saved plan is stale\n\n")], "error", /the state has moved/],
    ["an apply that broke off", [outcome("init", 0), outcome("apply", 1, "", "\nError: creating RDS DB Instance: InvalidParameterCombination\n\n")], "error", /part of the plan may be applied/],
    ["credentials that AWS refuses", [outcome("init", 0), outcome("plan", 1, "", "\nError: No valid credential sources found\n\n")], "error", /does not let this call in/],
    ["a variable out of range", [outcome("init", 0), outcome("plan", 1, "", "\nError: Invalid value for variable\n\nsize: expected 100 at most.\n\n")], "failed", /expected 100 at most|Invalid value/],
    ["a provider out of reach", [outcome("init", 1, "", NO_REGISTRY)], "skipped", /out of reach/],
    ["a script that was killed", [outcome("init", -1)], "error", /killed/],
  ])("has a verdict on %s", (_, outcomes, verdict, reason) => {
    expect(judgeLiveSteps(outcomes, 2, 60)).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
  })

  it("is content when every step did what it should, whatever the policies say", () => {
    expect(judgeLiveSteps([outcome("init", 0), outcome("policy", 1)], 2, 60)).toBeNull()
    expect(judgeLiveSteps([outcome("init", 0)], 2, 60)).toMatchObject({ verdict: "error" })
  })
})

describe("the layout and its steps", () => {
  const files = ["envs/dev/main.tf", "envs/dev/tests/plan.tftest.hcl", "modules/a/main.tf", "modules/a/tests/a.tftest.hcl", "modules/b/main.tf"]

  it("finds roots and modules, and refuses a folder without roots", () => {
    expect(terraformLayout("terraform", files)).toMatchObject({ roots: [{ name: "dev", hasTests: true }], modules: [{ name: "a", hasTests: true }, { name: "b", hasTests: false }] })
    expect(() => terraformLayout("infra", ["main.tf"])).toThrow("expected infra/envs/<environment>/*.tf, got 1 .tf files elsewhere")
  })

  it("runs tofu through the stand-in where the provider is out of reach, and says it as it is typed", () => {
    const steps = checkSteps(terraformLayout("terraform", files), "stand-in", null).flat()
    expect(steps.filter(({ name }) => name.startsWith("envs/dev/")).map(({ name, runs = [] }) => [name, runs[0] ?? "itself"])).toEqual([["envs/dev/init", "node"], ["envs/dev/validate", "node"], ["envs/dev/test", "node"], ["envs/dev/policy", "itself"]])
    expect(steps.every(({ argv }) => argv[0] !== "node")).toBe(true)
    const real = checkSteps(terraformLayout("terraform", files), "real", null).flat()
    expect(real.find(({ name }) => name === "modules/a/test")?.runs).toEqual(["tofu", "test", "-json"])
  })
})
