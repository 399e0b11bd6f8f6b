import { readdirSync } from "node:fs"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { judgeLint, judgeLintRuns } from "../../../src/core/gates/lint.js"
import { execOutcome, fixture, recordedExec } from "../support.js"

const PLACE = { folder: "/work", path: "apps/web" }
const judge = (argv: string, exitCode: number, stdout = "", stderr = "") => judgeLint([execOutcome(argv, exitCode, stdout, stderr)], PLACE, 60)
const recorded = (name: string) => judgeLint([recordedExec(`lint/${name}.txt`)], PLACE, 60)

/** What the real tools printed, and the findings in it: severity, rule, place, message. */
const FOUND: Readonly<Record<string, readonly string[]>> = {
  "actionlint-found": ["high syntax-check .github/workflows/ci.yml:7 unexpected key", "high expression .github/workflows/ci.yml:8 property"],
  "actionlint-oneline": ["high syntax-check .github/workflows/ci.yml:7 unexpected key", "high expression .github/workflows/ci.yml:8 property"],
  "actionlint-syntax": ["high syntax-check .github/workflows/ci.yml:1 could not parse as YAML"],
  "black-found": ["moderate black app/a.py would be reformatted"],
  "black-syntax": ["high black app/bad.py:1 cannot be parsed", "moderate black app/a.py would be reformatted"],
  // black, prettier and mypy warn of an option that they do not know, and go on with all others.
  "black-unknown-option": ["moderate black app/a.py would be reformatted"],
  "check-jsonschema-found": [
    "high schema .gitlab-ci.yml $.test.script: 3 is not of type 'string'",
    "high schema .gitlab-ci.yml $.test.retry: 9 is greater than the maximum of 2",
  ],
  "check-jsonschema-plain": ["high schema .gitlab-ci.yml $.test: Additional properties are not allowed"],
  "check-jsonschema-syntax": ["high syntax .github/workflows/ci.yml:2 ParserError: while parsing a flow node expected the node content"],
  "check-jsonschema-workflow": ["high schema .github/workflows/ci.yml $.jobs.a.steps[0]: Additional properties are not allowed ('wiht' was unexpected)"],
  "eslint-found": ["high @typescript-eslint/no-explicit-any src/a.ts:2 Unexpected any.", "moderate no-console src/a.ts:3 Unexpected console statement"],
  "eslint-syntax": ["high eslint src/a.ts:1 Parsing error: Expression expected"],
  "flake8-found": ["high F401 app/a.py:1 'os' imported", "high E225 app/a.py:2 missing whitespace", "high E302 app/a.py:3 expected 2 blank lines"],
  "flake8-syntax": ["high F401 app/a.py:1", "high E225 app/a.py:2", "high E302 app/a.py:3", "high E999 app/bad.py:1 SyntaxError"],
  "hadolint-found": [
    "moderate DL3006 Dockerfile:1", "moderate DL3003 Dockerfile:2", "moderate SC2164 Dockerfile:2", "high DL4000 Dockerfile:3 MAINTAINER is deprecated",
    "moderate DL3008 Dockerfile:4", "moderate DL3014 Dockerfile:4", "low DL3009 Dockerfile:4", "low DL3015 Dockerfile:4",
  ],
  "hadolint-syntax": ["high syntax Dockerfile:2 unexpected 'R'"],
  "helm-bad-values": ["high values bad.yaml cannot unmarshal yaml document"],
  "helm-chart": [
    "high helm Chart.yaml name is required", "high helm Chart.yaml version 'x'", "moderate helm Chart.yaml version 'x'",
    "high helm Chart.yaml validation: chart.metadata.name is required", "high helm Chart.yaml unable to load chart validation",
  ],
  "helm-dependency": ["moderate helm Chart.yaml chart directory is missing these dependencies: a"],
  "helm-nil": ["high helm templates/a.yaml:3 shop/templates/a.yaml:3:18 executing \"shop/templates/a.yaml\" at <.Values.b.c.d>: can't evaluate"],
  "helm-schema": ["high helm values.yaml - at '/b': got number, want string", "high helm Chart.yaml values don't meet the specifications"],
  "helm-template": ["high helm templates/a.yaml:1 parse error"],
  "helm-yaml": ["high helm templates/a.yaml unable to parse YAML"],
  "mypy-found": ["high return-value app/a.py:4 Incompatible return value type"],
  "mypy-syntax": ["high syntax app/bad.py:2 Unexpected EOF"],
  "prettier-found": ["moderate prettier src/a.ts is not formatted"],
  "prettier-syntax": ["moderate prettier src/a.ts is not formatted", "high prettier src/syntax.ts:1 Expression expected."],
  "prettier-unknown-option": ["moderate prettier src/a.ts is not formatted"],
  "ruff-concise": ["high I001 app/a.py:1 Import block", "high F401 app/a.py:1 `os` imported but unused"],
  "ruff-format": ["moderate unformatted app/a.py:2 File would be reformatted"],
  "ruff-found": ["high I001 app/a.py:1 Import block", "high F401 app/a.py:1 `os` imported but unused"],
  "ruff-github": ["high I001 app/a.py:1 Import block", "high F401 app/a.py:1 `os` imported but unused"],
  "ruff-syntax": ["moderate unformatted app/a.py:2 File would be reformatted", "high invalid-syntax app/bad.py:1 unexpected EOF"],
  "tsc-found": ["high TS1109 src/a.ts:1 Expression expected.", "high TS1005 src/a.ts:2 ')' expected."],
  "tsc-pretty": ["high TS1109 src/a.ts:1 Expression expected.", "high TS1005 src/a.ts:2 ')' expected."],
  "yamllint-found": [
    "moderate document-start dup.yaml:1", "high key-duplicates dup.yaml:2 duplication of key", "high syntax dup.yaml:3 syntax error: found character '\\t'",
    "moderate document-start syntax.yaml:1", "high syntax syntax.yaml:2 syntax error: expected",
    "moderate document-start ä b.yaml:1", "moderate truthy ä b.yaml:1", "moderate truthy ä b.yaml:1",
  ],
  "yamllint-standard": [
    "moderate document-start dup.yaml:1", "high key-duplicates dup.yaml:2 duplication of key", "high syntax dup.yaml:3 syntax error: found character '\\t'",
    "moderate document-start syntax.yaml:1", "high syntax syntax.yaml:2 syntax error: expected",
  ],
}

/** What they printed when they could not work at all. */
const BROKEN: Readonly<Record<string, RegExp>> = {
  "actionlint-bad-config": /could not run: could not parse config file "\/work\/\.github\/actionlint\.yaml"/,
  "actionlint-no-file": /could not run: could not read "nothere\.yml"/,
  "black-bad-toml": /could not run: tomllib\.TOMLDecodeError: Expected '\]'/,
  "check-jsonschema-no-file": /could not run: FileNotFoundError/,
  "check-jsonschema-no-schema": /could not run: Error: Invalid value for '--builtin-schema'/,
  "eslint-bad-rule": /could not run: Configuration for rule "no-console" is invalid\./,
  "eslint-no-plugin": /could not run: Error \[ERR_MODULE_NOT_FOUND\]: Cannot find package 'eslint-plugin-nope'/,
  "flake8-bad-config": /could not run: ValueError: invalid literal for int/,
  "hadolint-bad-config": /could not run: Error parsing your config file in {2}'\/work\/\.hadolint\.yaml'/,
  "hadolint-bad-config-green": /could not run: Error parsing your config file/,
  "hadolint-no-file": /could not run: hadolint: nothere: withBinaryFile: does not exist/,
  "helm-no-chart": /could not run: Error unable to check Chart\.yaml file/,
  "helm-no-values": /could not run: Error: open nothere\.yaml: no such file/,
  "mypy-bad-config": /could not run: mypy\.ini: File contains no section headers\./,
  "mypy-bad-config-green": /could not run: mypy\.ini: File contains no section headers\./,
  "mypy-bad-flag": /could not run \(exit code 2\): mypy: error: unrecognized arguments: --nope/,
  "mypy-no-file": /could not run \(exit code 2\): Found 1 error in 1 file/,
  "npm-no-script": /could not run: Missing script: "lint"$/,
  "pnpm-no-command": /could not run: Command "lint" not found$/,
  "pnpm-no-script": /could not run: Missing script: lint$/,
  "prettier-bad-json": /could not run: YAML Error in "\/work\/\.prettierrc"$/,
  "prettier-bad-value": /could not run: Invalid semi value\. Expected true or false/,
  "prettier-no-files": /could not run: No files matching the pattern were found: "nothere"/,
  "prettier-no-plugin": /could not run: Cannot find package 'nope'/,
  "ruff-bad-rule": /could not run: Cause: Unknown rule selector `NOPE`/,
  "ruff-bad-toml": /could not run: Cause: Failed to load configuration/,
  "tsc-bad-json": /could not run: tsconfig\.json\(1,20\): error TS5024/,
  "tsc-bad-option": /could not run: tsconfig\.json\(1,21\): error TS5025/,
  "tsc-no-base": /could not run: error TS5083: Cannot read file/,
  "tsc-no-types": /could not run: error TS2688: Cannot find type definition file/,
  "yamllint-bad-rule": /could not run: invalid config: no such rule: "nope"/,
  "yamllint-bad-yaml": /could not run: invalid config: while parsing a flow node/,
  "yamllint-no-base": /could not run: FileNotFoundError/,
  "yamllint-no-file": /could not run \(exit code 255\): \[Errno 2\] No such file/,
  "yamllint-not-text": /could not run: UnicodeDecodeError/,
  "yarn1-no-script": /could not run: Command "lint" not found\.$/,
  "yarn4-no-command": /could not run: Couldn't find a script named "lint"\.$/,
  "yarn4-no-script": /could not run: Couldn't find a script named "lint"\.$/,
}

/** Green, with the remarks in it. */
const GREEN: Readonly<Record<string, string>> = {
  "check-jsonschema-green": "",
  "eslint-warnings": "1 warning",
  "hadolint-info": "1 warning",
  "helm-green": "",
  "yamllint-warnings": "3 warnings",
}

describe("what linters print", () => {
  it.each(Object.entries(FOUND))("%s holds findings", (name, expected) => {
    const gate = recorded(name)
    const told = gate.findings.map(({ severity, rule, file, line, message }) => `${severity} ${rule} ${file}${line === null ? "" : `:${line}`} ${message}`)
    expect([gate.verdict, told]).toEqual(["failed", expected.map((start) => expect.stringMatching(startsWith(start.replace(/^(\S+ \S+) /, "$1 apps/web/"))))])
  })

  it.each(Object.entries(BROKEN))("%s is an error", (name, reason) => {
    const gate = recorded(name)
    expect([gate.verdict, gate.reason]).toEqual(["error", expect.stringMatching(reason)])
  })

  it.each(Object.entries(GREEN))("%s passes", (name, reason) => {
    expect(recorded(name)).toMatchObject({ verdict: "passed", reason })
  })

  it("is all in one of the three tables", () => {
    const names = readdirSync(new URL("../fixtures/lint/", import.meta.url)).map((file) => file.replace(/\.txt$/, ""))
    expect(Object.keys({ ...FOUND, ...BROKEN, ...GREEN }).sort()).toEqual(names.sort())
  })
})

const startsWith = (text: string): RegExp => new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`)

describe("lint", () => {
  it("passes when every linter does", () => {
    expect(judgeLint([execOutcome("ruff check .", 0), execOutcome("ruff format .", 0)], PLACE, 60)).toMatchObject({ verdict: "passed", reason: "" })
  })

  it("counts eslint's findings below npm's own words, with file and line in the repository", () => {
    const gate = judgeLint([execOutcome("npm run lint", 1, fixture("eslint.txt"))], { folder: "/src", path: "apps/web" }, 60)
    expect(gate.reason).toBe("4 findings: apps/web/src/a.ts:1 'a' is assigned a value but never used")
    expect(gate.findings[1]).toEqual({
      severity: "high",
      rule: "@typescript-eslint/no-explicit-any",
      message: "Unexpected any. Specify a different type",
      file: "apps/web/src/a.ts",
      line: 1,
    })
  })

  it("counts tsc's findings, though tsc ends with 2", () => {
    expect(judge("npm run lint", 2, fixture("tsc.txt"))).toMatchObject({ verdict: "failed", findings: [{ rule: "TS2322", file: "apps/web/src/a.ts", line: 1 }] })
  })

  it("takes tsc's TS6133, an unused name, for a finding, though its number is among those of options", () => {
    expect(judge("tsc", 2, "src/a.ts(1,1): error TS6133: 'a' is declared but its value is never read.\n")).toMatchObject({ verdict: "failed", findings: [{ rule: "TS6133" }] })
  })

  it("adds up what several commands found", () => {
    const gate = judgeLint([execOutcome("ruff check .", 1, fixture("ruff-check.txt")), execOutcome("ruff format --check .", 1, fixture("ruff-format.txt"))], PLACE, 60)
    expect(gate.findings.map((finding) => [finding.rule, finding.file, finding.line])).toEqual([
      ["I001", "apps/web/a.py", 1],
      ["F401", "apps/web/a.py", 1],
      ["unformatted", "apps/web/a.py", 2],
    ])
  })

  it("says first what is worse than a warning", () => {
    expect(judge("eslint .", 1, "/work/a.js\n  1:1  warning  mere  w\n  2:1  error  worse  e\n").reason).toBe("2 findings: apps/web/a.js:2 worse")
  })

  it("reads the short form of older versions of ruff format", () => {
    expect(judge("ruff format --check .", 1, "Would reformat: app/a.py\n1 file would be reformatted\n").findings).toMatchObject([{ rule: "format", file: "apps/web/app/a.py" }])
  })

  it.each(["12:30:45: starting", "http://localhost:80:1: x", "    at run (a.js:3:4)", "Debug: done", "src/a.ts:3: no level and no column"])("finds nothing in %j", (line) => {
    expect(judge("npm run lint", 1, `${line}\n`).findings).toEqual([])
  })

  it("fails for a linter that it cannot read", () => {
    expect(judge("vale .", 1, "a.md: passive voice\n")).toMatchObject({ verdict: "failed", reason: "vale . ended with 1: a.md: passive voice" })
  })

  it.each<[string, number, string, RegExp]>([
    ["eslint's configuration is broken", 2, fixture("eslint-broken.txt"), /could not run: SyntaxError: Unexpected end of input/],
    ["eslint has no configuration", 2, fixture("eslint-no-config.txt"), /couldn't find an eslint\.config/],
    ["tsc has no sources", 2, "error TS18003: No inputs were found in config file 'tsconfig.json'.", /TS18003/],
    ["a linter breaks without a word", 3, "", /could not run \(exit code 3\): no output/],
    ["its failure is swallowed", 0, fixture("eslint-no-config.txt"), /couldn't find an eslint\.config/],
  ])("is an error when %s", (_, exitCode, stderr, reason) => {
    const gate = judge("npm run lint", exitCode, "", stderr)
    expect([gate.verdict, gate.reason]).toEqual(["error", expect.stringMatching(reason)])
  })

  it("takes a line that begins with Error for helm's own only when helm ran", () => {
    expect(judge("npm run lint", 1, "Error: two checks are red\n").verdict).toBe("failed")
    expect(judge("/usr/bin/helm lint", 1, "Error: two checks are red\n").verdict).toBe("error")
  })

  it("is an error when it hung, whatever it found before, and keeps what was found", () => {
    const gate = judge("npm run lint", 124, fixture("eslint.txt"))
    expect([gate.verdict, gate.findings.length]).toEqual(["error", 4])
  })

  it("is an error without a command", () => {
    expect(judgeLint([], PLACE, 60).verdict).toBe("error")
  })

  it("reads any output without breaking down", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), fc.nat(255), (text, exitCode) => {
      expect(["passed", "failed", "error"]).toContain(judge("npm run lint", exitCode, text).verdict)
    }))
  })
})

describe("lint of several places", () => {
  it("says what was linted, and gives each finding the path of its own place", () => {
    const runs = [
      { exec: execOutcome("hadolint -- Dockerfile", 0, "Dockerfile:3 DL3059 info: Multiple\n"), place: { folder: "/work/apps/web", path: "apps/web" } },
      { exec: execOutcome("yamllint -- a.yaml", 0), place: { folder: "/work", path: "" } },
    ]
    const gate = judgeLintRuns(runs, 60, "1 Dockerfile, 1 YAML file")
    expect(gate).toMatchObject({ verdict: "passed", reason: "1 Dockerfile, 1 YAML file, 1 warning", findings: [{ file: "apps/web/Dockerfile", line: 3 }] })
  })
})
