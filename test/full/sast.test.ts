// Insecure code on a real engine: planted, mended, excepted; and trees that would switch the analysers off.
import { describe, expect, it } from "vitest"
import { call, closingLine } from "../support/daggerw.js"
import { helloTree } from "../support/fixture.js"
import { newRun } from "../support/runs.js"
import { newTree, type Tree } from "../support/trees.js"

const CODE = "apps/hello/backup.mjs"
const INSECURE = 'import { exec } from "node:child_process"\nexport const list = (folder) => exec("ls " + folder) // eslint-disable-line\n'
const MENDED = 'import { execFile } from "node:child_process"\nexport const list = (folder) => execFile("ls", ["--", folder])\n'
const excepted = (until: string) => (tree: Tree): Tree =>
  tree.edit("delivery.yaml", (config) => config.setIn(["sast", "exceptions"], config.createNode([{ id: "detect-child-process", path: CODE, reason: "names come from a fixed list", until }])))

const pythonTree = (code: string): Tree => newTree({ "pins.yaml": "pins.yaml", "test/fixtures/pip-app": "." }).write("delivery.yaml", "version: 1\nproject: pip-app\nservices: {app: {path: ., toolchain: python}}\n").write("insecure.py", code)

interface SastCase {
  readonly what: string
  readonly tree: () => Tree
  readonly verdict: string
  readonly status: number
  readonly reason: RegExp
}

const CASES: readonly SastCase[] = [
  { what: "a command built from text", tree: () => helloTree().write(CODE, INSECURE), verdict: "failed", status: 1, reason: /^1 insecure place of level high or worse: apps\/hello\/backup\.mjs:2: Found child_process\.exec\(\).*; no network$/ },
  { what: "the same, mended", tree: () => helloTree().write(CODE, MENDED), verdict: "passed", status: 0, reason: /^3 files, ESLint; .*1 file left out \(sast\.exclude\); no network$/ },
  { what: "the same, excepted", tree: () => excepted("2999-12-31")(helloTree().write(CODE, INSECURE)), verdict: "passed", status: 0, reason: /1 finding excepted/ },
  { what: "the same after the exception's end", tree: () => excepted("2020-01-01")(helloTree().write(CODE, INSECURE)), verdict: "failed", status: 1, reason: /exception for detect-child-process expired on 2020-01-01/ },
  { what: "a configuration of its own that is switched off", tree: () => helloTree().write(CODE, INSECURE).write("apps/hello/eslint.config.js", "throw new Error('never read')\n").write("apps/hello/.eslintignore", "**\n"), verdict: "failed", status: 1, reason: /backup\.mjs:2/ },
  { what: "code that cannot be parsed", tree: () => helloTree().write(CODE, "const = 1\n"), verdict: "error", status: 2, reason: /apps\/hello\/backup\.mjs:1: ESLint could not parse it/ },
  { what: "a file in a folder called build, and one with a strange name", tree: () => helloTree().write("apps/hello/build/a.mjs", INSECURE).write("apps/hello/[id] {a,b}.mjs", INSECURE), verdict: "failed", status: 1, reason: /^2 insecure places/ },
  { what: "Python with a shell command built from text", tree: () => pythonTree('import subprocess\n\n\ndef run(text):\n    subprocess.run(f"ls {text}", shell=True)  # noqa: S602\n').write("ruff.toml", 'exclude = ["*"]\n'), verdict: "failed", status: 1, reason: /insecure place of level high or worse: insecure\.py:5: `subprocess` call with `shell=True`/ },
  { what: "Python newer than its image's", tree: () => pythonTree("type Name = str\n"), verdict: "passed", status: 0, reason: /files, ruff/ },
]

describe("sast", () => {
  it.each(CASES)("has a verdict on $what", async ({ tree, verdict, status, reason }) => {
    const run = newRun("sast")
    const ended = await call([`--source=${tree().path}`, `--run-id=${run.runId}`, "sast"], { limitSeconds: 900 })
    const row = run.stage("sast")
    expect(row, ended.output).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
    expect(ended.status, ended.output).toBe(status)
    expect(closingLine(ended)).toMatch(new RegExp(`^sast: ${verdict}`))
  })

  it("leaves SARIF that names rule, file and line as a security finding", async () => {
    const run = newRun("sast")
    await call([`--source=${helloTree().write(CODE, INSECURE).path}`, `--run-id=${run.runId}`, "sast"], { limitSeconds: 900 })
    const { runs } = JSON.parse(run.text("sarif/sast-hello.sarif")) as { runs: { tool: { driver: { rules: object[] } }; results: { ruleId: string; locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number } } }[] }[] }[] }
    expect(runs[0]?.tool.driver.rules).toContainEqual(expect.objectContaining({ id: "security/detect-child-process", properties: { tags: ["security"], "security-severity": "8.0" } }))
    expect(runs[0]?.results).toContainEqual(expect.objectContaining({ ruleId: "security/detect-child-process", locations: [{ physicalLocation: { artifactLocation: expect.objectContaining({ uri: CODE }), region: { startLine: 2 } } }] }))
  })
})
