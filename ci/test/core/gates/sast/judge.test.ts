import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { judgeSast, type SastInput } from "../../../../src/core/gates/sast/judge.js"
import { analyserOf } from "../../../../src/core/sast/analysers.js"

const recorded = (name: string): string => readFileSync(new URL(`../../fixtures/sast/${name}`, import.meta.url), "utf8")
const ROOT = "/delivery/input/code"
const [eslint, ruff] = [analyserOf("node"), analyserOf("python")]
if (eslint === null || ruff === null) throw new Error("no analyser")

/** What the analysers really reported on planted code, without the file that they could not parse unless it is asked for. */
const TOOLS = {
  ESLint: {
    analyser: eslint,
    files: ["src/a.tsx", "src/clean.ts"],
    report: (broken: boolean) => JSON.stringify((JSON.parse(recorded("eslint.json")) as { filePath: string }[]).filter(({ filePath }) => broken || !filePath.endsWith("broken.js"))),
    seen: null,
    broken: { file: "src/broken.js", says: "apps/web/src/broken.js:1: ESLint could not parse it: Parsing error: Expression expected.. Mend it" },
    critical: { rule: "security/detect-child-process", file: "apps/web/src/a.tsx", line: 3 },
    exceptions: ["security/detect-child-process", "regexp/no-super-linear-backtracking", "no-danger"],
  },
  ruff: {
    analyser: ruff,
    files: ["app/a.py", "app/clean.py"],
    report: (broken: boolean) => JSON.stringify((JSON.parse(recorded("ruff.json")) as { filename: string }[]).filter(({ filename }) => broken || !filename.endsWith("broken.py"))),
    seen: ["planted.py", "service/app/a.py", "service/app/broken.py", "service/app/clean.py"].map((path) => `${ROOT}/${path}\n`).join(""),
    broken: { file: "app/broken.py", says: "apps/web/app/broken.py:1: ruff could not parse it: " },
    critical: { rule: "S602", file: "apps/web/app/a.py", line: 4 },
    exceptions: ["B602", "hashlib-insecure-hash-function"],
  },
}
type ToolName = keyof typeof TOOLS
const names = Object.keys(TOOLS) as ToolName[]

const exec = (exitCode: number, stderr = "") => ({ argv: ["sh"], exitCode, stdout: "", stderr })
const NO_NETWORK = { way: "network-none", network: "Inter-|   Receive\n face |bytes\n    lo:       0\n" } as const

function judge(name: ToolName, change: Partial<SastInput> & { level?: SastInput["limits"]["level"]; exceptions?: SastInput["limits"]["exceptions"] } = {}) {
  const { analyser, files, report, seen } = TOOLS[name]
  const { level = "high", exceptions = [], ...rest } = change
  const limits = { level, exceptions, ignoreUnfixed: false, licenses: "report", today: "2026-11-23" } as const
  return judgeSast({ analyser, execs: [exec(0)], report: report(false), seen, files, excluded: 0, servicePath: "apps/web", limits, isolation: NO_NETWORK, timeoutSeconds: 600, ...rest })
}

const exception = (id: string, change = {}) => ({ id, reason: "a fixed list of folders", until: "2026-12-31", ...change })

describe.each(names)("an analysis by %s", (name) => {
  it("fails on insecure code, with file, line and rule, whatever comments say", () => {
    const { gate } = judge(name)
    expect(gate).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^\d insecure places? of level high or worse: apps\/web\/.*; no network$/) })
    expect(gate.findings).toContainEqual(expect.objectContaining({ severity: "high", ...TOOLS[name].critical }))
  })

  it("tells nothing of the fault that is planted beside the code", () => {
    expect(judge(name).gate.findings.filter(({ file }) => file?.includes("planted") ?? true)).toEqual([])
  })

  it("passes what is below the level, and keeps it visible", () => {
    const { gate } = judge(name, { level: "critical" })
    expect(gate).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/^2 files, \w+; \d findings below level critical; no network$/) })
    expect(gate.findings).toContainEqual(expect.objectContaining({ severity: "high", ...TOOLS[name].critical }))
  })

  it("passes what is excepted, by any name of the rule, with the reason", () => {
    const { gate, matched } = judge(name, { exceptions: TOOLS[name].exceptions.map((id) => exception(id)) })
    expect(gate.verdict).toBe("passed")
    expect(gate.findings).toContainEqual(expect.objectContaining({ severity: "info", message: expect.stringContaining("excepted until 2026-12-31: a fixed list of folders"), ...TOOLS[name].critical }))
    expect(matched).toHaveLength(TOOLS[name].exceptions.length)
  })

  it("fails again after the exception's last day, and outside its path", () => {
    const expired = TOOLS[name].exceptions.map((id) => exception(id, { until: "2026-11-22" }))
    expect(judge(name, { exceptions: expired }).gate).toMatchObject({ verdict: "failed", reason: expect.stringContaining("expired on 2026-11-22") })
    expect(judge(name, { exceptions: TOOLS[name].exceptions.map((id) => exception(id, { path: "other/**" })) }).gate.verdict).toBe("failed")
  })

  it("is an error where a file could not be parsed, and still tells what was found", () => {
    const { broken, files, report } = TOOLS[name]
    const { gate, matched } = judge(name, { report: report(true), files: [...files, broken.file], execs: [exec(name === "ESLint" ? 1 : 0)] })
    expect(gate).toMatchObject({ verdict: "error", reason: expect.stringContaining(broken.says) })
    expect(gate.findings).toContainEqual(expect.objectContaining(TOOLS[name].critical))
    expect(matched).toBeNull()
  })

  it("tells nothing of a file that delivery.yaml leaves out, and says how many there are", () => {
    const { gate } = judge(name, { files: TOOLS[name].files.slice(1), excluded: 1 })
    expect(gate).toMatchObject({ verdict: "passed", reason: expect.stringMatching(/^1 file, \w+; 1 file left out \(sast.exclude\); no network$/), findings: [] })
  })

  it.each([
    ["does not find what is planted", { report: "[]" }, /did not find the fault that is planted/],
    ["writes no report", { report: null }, /it wrote no report/],
    ["writes half a report", { report: '[{"fi' }, /its report is not JSON/],
    ["writes another report", { report: '{"runs": []}' }, /its report is no list/],
    ["does not look at a file", { files: ["src/other.ts", "app/other.py"] }, /did not look at apps\/web\/(src|app)\/other.\w+ and 1 more/],
    ["crashes", { execs: [exec(2, "TypeError: x is not a function")] }, /could not run \(exit code 2\): TypeError: x is not a function/],
    ["is stopped", { execs: [exec(124)] }, /did not end within 600 s/],
    ["is not there", { execs: [exec(127, "sh: not found")] }, /was not found in the image/],
    ["is killed", { execs: [exec(-1)] }, /was killed by a signal/],
    ["ends red for no reason that it tells", { execs: [exec(1, "what?")] }, /ended with 1, and its report names no file/],
  ] as const)("is an error when it %s", (_, change, reason) => {
    expect(judge(name, change as Partial<SastInput>).gate).toMatchObject({ verdict: "error", reason: expect.stringMatching(reason) })
  })
})

it("does not count text that nobody outside writes as insecure", () => {
  expect(judge("ruff").gate.findings).toContainEqual(expect.objectContaining({ severity: "low", rule: "S602", line: 3 }))
})

it("has no analyser for what it does not know", () => {
  expect(analyserOf("plain")).toBeNull()
})
