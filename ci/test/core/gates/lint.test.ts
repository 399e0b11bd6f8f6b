import { describe, expect, it } from "vitest"
import { judgeLint } from "../../../src/core/gates/lint.js"
import { execOutcome, fixture } from "../support.js"

const npmRun = (exitCode: number, stdout: string, stderr = "") => judgeLint([execOutcome("npm run lint", exitCode, stdout, stderr)], 60)

describe("lint", () => {
  it("passes when every linter does", () => {
    expect(judgeLint([execOutcome("ruff check .", 0), execOutcome("ruff format .", 0)], 60).verdict).toBe("passed")
  })

  it("counts eslint's findings with file and line", () => {
    const gate = npmRun(1, fixture("eslint.txt"))
    expect(gate.verdict).toBe("failed")
    expect(gate.reason).toBe("4 findings: /src/src/a.ts:1 'a' is assigned a value but never used")
    expect(gate.findings[1]).toEqual({
      severity: "high",
      rule: "@typescript-eslint/no-explicit-any",
      message: "Unexpected any. Specify a different type",
      file: "/src/src/a.ts",
      line: 1,
    })
  })

  it("counts tsc's findings, though tsc ends with 2", () => {
    const gate = npmRun(2, fixture("tsc.txt"))
    expect(gate).toMatchObject({ verdict: "failed", findings: [{ rule: "TS2322", file: "src/a.ts", line: 1 }] })
  })

  it("adds up what several commands found", () => {
    const gate = judgeLint(
      [execOutcome("ruff check .", 1, fixture("ruff-check.txt")), execOutcome("ruff format --check .", 1, fixture("ruff-format.txt"))],
      60,
    )
    expect(gate.findings.map((finding) => [finding.rule, finding.file, finding.line])).toEqual([
      ["I001", "a.py", 1],
      ["F401", "a.py", 1],
      ["unformatted", "a.py", 2],
    ])
  })

  it.each([
    ["ruff check .", "app/a.py:3:1: F401 [*] `os` imported but unused\n", "F401"],
    ["ruff format --check .", "Would reformat: app/a.py\n1 file would be reformatted\n", "format"],
  ])("reads the short form of %s", (argv, stdout, rule) => {
    expect(judgeLint([execOutcome(argv, 1, stdout)], 60).findings).toMatchObject([{ rule, file: "app/a.py" }])
  })

  it("fails for a linter that it cannot read", () => {
    expect(judgeLint([execOutcome("vale .", 1, "a.md: passive voice\n")], 60)).toMatchObject({
      verdict: "failed",
      reason: "vale . ended with 1: a.md: passive voice",
    })
  })

  it.each<[string, number, string, RegExp]>([
    ["eslint's configuration is broken", 2, fixture("eslint-broken.txt"), /could not run: SyntaxError: Unexpected end of input/],
    ["eslint has no configuration", 2, fixture("eslint-no-config.txt"), /couldn't find an eslint\.config/],
    ["the script is missing", 1, 'npm error Missing script: "lint"\nnpm error\nnpm error To see a list of scripts, run:\n', /Missing script: "lint"/],
    ["tsc has no sources", 2, "error TS18003: No inputs were found in config file 'tsconfig.json'.", /TS18003/],
    ["tsc's options are wrong", 2, "tsconfig.json(1,21): error TS5025: Unknown compiler option 'strct'.", /TS5025/],
    ["ruff's configuration is broken", 2, "ruff failed\n  Cause: Failed to load configuration `ruff.toml`\n", /Cause: Failed to load configuration/],
    ["a linter breaks without a word", 3, "", /could not run \(exit code 3\): no output/],
  ])("is an error when %s", (_, exitCode, stderr, reason) => {
    const gate = npmRun(exitCode, "", stderr)
    expect(gate.verdict).toBe("error")
    expect(gate.reason).toMatch(reason)
  })

  it("is an error when it hung, whatever it found before", () => {
    expect(npmRun(124, fixture("eslint.txt")).verdict).toBe("error")
  })

  it("is an error without a command", () => {
    expect(judgeLint([], 60).verdict).toBe("error")
  })
})
