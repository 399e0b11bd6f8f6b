// The script that runs steps in containers, run here: by the shells of this machine, in a folder of its own.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { readEndings, stepOutcomes } from "../../../src/core/steps/endings.js"
import { LIMIT_VARIABLE, RAN_BY_VARIABLE, stepsScript, type StepsScript } from "../../../src/core/steps/script.js"
import { describeSeconds, endedRed, stepsOf, type Step, type StepOutcome } from "../../../src/core/steps/step.js"

const base = mkdtempSync(join(tmpdir(), "steps-"))
afterAll(() => rmSync(base, { recursive: true, force: true }))
let count = 0

interface Told {
  readonly shown: boolean
  readonly shell?: string
  readonly limit?: number
  readonly more?: Partial<StepsScript>
}

function run(lists: readonly (readonly Step[])[], { shown, shell = "/bin/sh", limit = 10, more = {} }: Told) {
  const folder = join(base, String((count += 1)))
  mkdirSync(folder)
  const endings = join(folder, "ends")
  writeFileSync(join(folder, "script"), stepsScript(lists, { endings, shown, ...more }))
  const ran = spawnSync(shell, [join(folder, "script")], { encoding: "utf8", cwd: folder, env: { ...process.env, [LIMIT_VARIABLE]: String(limit), [RAN_BY_VARIABLE]: "run-7" } })
  expect(ran.status, ran.stderr).toBe(0)
  const read = readEndings(readFileSync(endings, "utf8"))
  if (read === null) throw new Error("no endings")
  const outcomes = lists.flatMap((steps) => stepOutcomes(steps, read, shown ? ran : null))
  return { read, ran, folder, outcomes, outcome: (name: string) => outcomes.find((each) => each.name === name) }
}

const sh = (name: string, script: string, more: Partial<Step> = {}): Step => ({ name, argv: ["sh", "-c", script], ...more })
const shells = ["/bin/sh", "/bin/dash", "/bin/bash", "/bin/busybox"].filter((path) => existsSync(path)).map((path) => ({ shell: path }))

describe.each([{ shown: true }, { shown: false }])("steps of one script, shown: $shown", ({ shown }) => {
  it.each(shells.filter(({ shell }) => !shell.endsWith("busybox")))("run one after another in $shell, each with its exit code, its words and its time", ({ shell }) => {
    const { outcomes, read } = run([[sh("one", "echo out; echo err >&2; exit 10"), sh("two", "printf 'no line end'"), { name: "three", argv: ["no-such-program"] }]], { shown, shell })
    expect(outcomes).toMatchObject([
      { name: "one", exitCode: 10, stdout: "out\n", stderr: "err\n", argv: ["sh", "-c", "echo out; echo err >&2; exit 10"] },
      { name: "two", exitCode: 0, stdout: "no line end", stderr: "" },
      { name: "three", exitCode: 127, stdout: "", stderr: expect.stringContaining("no-such-program") as string },
    ])
    expect(read).toMatchObject({ ranBy: "run-7", ranAt: expect.closeTo(Date.now() / 1000, -1) as number })
    expect(describeSeconds(outcomes)).toMatch(/^one \d\.\d s, two \d\.\d s, three \d\.\d s$/)
  })

  it("keep what a single one said, to the last blank", () => {
    expect(run([[sh("one", "printf '\\n\\n[1/1] x \\n\\n'")]], { shown }).outcome("one")?.stdout).toBe("\n\n[1/1] x \n\n")
  })

  it("do not take a tool's own words for their ends", () => {
    const earlier = run([[sh("one", "echo a"), sh("two", "echo b")]], { shown })
    const lookalike = earlier.ran.stdout + readFileSync(join(earlier.folder, "ends"), "utf8")
    const { outcomes } = run([[{ name: "one", argv: ["printf", "%s", lookalike] }, sh("two", "echo c; exit 3")]], { shown })
    expect(outcomes).toMatchObject([{ exitCode: 0, stdout: lookalike }, { exitCode: 3, stdout: "c\n" }])
  })

  it("take words as they are", () => {
    const words = ["it's", 'a "b"', "$HOME `id` \\n", "*", "", "two\nlines"]
    const { outcomes } = run([[{ name: "one", argv: ["printf", "%s|", ...words] }, { name: "two", argv: ["printf", "%s|", ...words] }]], { shown })
    expect(outcomes.map(({ stdout }) => stdout)).toEqual([`${words.join("|")}|`, `${words.join("|")}|`])
  })

  it("are left out after a needed one that failed, and only then", () => {
    const needed = { needed: true }
    expect(run([[sh("one", "exit 0", needed), sh("two", "exit 3", needed), sh("three", "echo never")]], { shown }).outcomes.map(({ name, exitCode }) => [name, exitCode])).toEqual([["one", 0], ["two", 3]])
    expect(run([stepsOf([["false"], ["true"]])], { shown }).outcomes.map(({ name, exitCode }) => [name, exitCode])).toEqual([["1", 1], ["2", 0]])
  })

  it("work where they are told, and leave their stdout where they are told", () => {
    const { folder, outcomes } = run([[sh("one", "pwd", { folder: "/" }), sh("two", "pwd; echo said >&2", { stdoutFile: "there" }), sh("three", "pwd")]], { shown })
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(["/\n", "", `${folder}\n`])
    expect(outcomes[1]?.stderr).toBe("said\n")
    expect(readFileSync(join(folder, "there"), "utf8")).toBe(`${folder}\n`)
  })

  it("are stopped one by one by their own limits, and all together by that of all", () => {
    const { outcomes } = run([[sh("own", "sleep 30", { timeoutSeconds: 1 }), sh("after", "echo ok"), sh("rest", "sleep 30"), sh("late", "sleep 30")]], { shown, limit: 2 })
    expect(outcomes.map(({ exitCode }) => exitCode)).toEqual([124, 0, 124, 124])
    const total = outcomes.reduce((sum, { seconds }) => sum + seconds, 0)
    expect(total).toBeGreaterThan(2)
    expect(total).toBeLessThan(6)
  })

  it("wait for nothing that one of them left running, and end it", () => {
    const { outcomes, folder } = run([[sh("leaves", "sleep 60 & echo $! >left; echo done"), sh("after", "read -r left <left; if kill -0 $left 2>/dev/null && ! grep -q '^State:.Z' /proc/$left/status; then echo there; else echo gone; fi")]], { shown })
    expect(outcomes.map(({ stdout }) => stdout)).toEqual(["done\n", "gone\n"])
    expect(outcomes[0]?.seconds).toBeLessThan(5)
    expect(readFileSync(join(folder, "left"), "utf8")).toMatch(/^\d+\n$/)
  })

  it("leave the signals of a terminal to their commands", () => {
    expect(run([[sh("one", "sh -c 'kill -INT $$'; echo $?"), sh("two", "sh -c 'kill -INT $$'; echo $?")]], { shown }).outcomes.map(({ stdout }) => stdout)).toEqual(["130\n", "130\n"])
  })
})

describe("steps of one script", () => {
  it("may be none", () => {
    expect(run([[]], { shown: false }).outcomes).toEqual([])
    expect(run([], { shown: false }).outcomes).toEqual([])
  })

  it("run another command than the one that is told, where one is wrapped", () => {
    const { outcomes, ran } = run([[{ name: "one", argv: ["npm", "start"], runs: ["echo", "started"] }, sh("two", "")]], { shown: true })
    expect(outcomes[0]).toMatchObject({ argv: ["npm", "start"], stdout: "started\n" })
    expect(ran.stdout).toMatch(/^\n\[[0-9a-f]{8} 1\/2\] npm start\nstarted\n\n\[[0-9a-f]{8} 2\/2\] sh -c \n$/)
  })

  it("show nothing of what is to be kept", () => {
    const { ran } = run([[sh("one", "echo secret; echo secret >&2"), sh("two", "echo secret")]], { shown: false })
    expect(ran.stdout + ran.stderr).toBe("")
  })

  it("run in lanes, each list in its order", () => {
    const list = (name: string): Step[] => [sh(`${name}1`, `sleep 0.3; echo ${name}`), sh(`${name}2`, "exit 4", { needed: true }), sh(`${name}3`, "echo never")]
    const { outcomes, folder, read } = run([list("a"), list("b"), list("c")], { shown: false, more: { lanes: 2 } })
    expect(outcomes.map(({ name, exitCode, stdout }) => [name, exitCode, stdout])).toEqual([["a1", 0, "a\n"], ["a2", 4, ""], ["b1", 0, "b\n"], ["b2", 4, ""], ["c1", 0, "c\n"], ["c2", 4, ""]])
    expect([...read.ended.keys()].sort()).toEqual(["a1", "a2", "b1", "b2", "c1", "c2"])
    expect(existsSync(join(folder, "ends.0"))).toBe(false)
  })

  it("tell one that was killed with the script from one that ended", () => {
    const read = readEndings("m-1 1700000000 run\n\nm-1 one 0 1.00 2.50\n")
    expect(read === null ? null : stepOutcomes([sh("one", ""), sh("two", "")], read)).toMatchObject([{ exitCode: 0, seconds: 1.5 }, { exitCode: -1 }])
    expect(readEndings("")).toBeNull()
    expect(readEndings("sh: not found\n")).toBeNull()
  })

  it("have a script that is the same for the same steps, whatever the limit", () => {
    const script = stepsScript([stepsOf([["npm", "ci"]])], { endings: "/delivery/ends", shown: true })
    expect(script).toBe(stepsScript([stepsOf([["npm", "ci"]])], { endings: "/delivery/ends", shown: true }))
    expect(script).toContain(`limit=\${${LIMIT_VARIABLE}:?}`)
  })
})

describe("a list of steps", () => {
  const list: readonly Step[] = [{ name: "accept", argv: ["true"] }, { name: "guard", argv: ["false"], refused: true }]
  const ended = (name: string, exitCode: number): StepOutcome => ({ name, argv: [], exitCode, stdout: "", stderr: "", seconds: 0 })
  it.each([
    ["is green when what must be refused was refused", [ended("accept", 0), ended("guard", 1)], false],
    ["is red when what must be refused was let in", [ended("accept", 0), ended("guard", 0)], true],
    ["is red when a step failed", [ended("accept", 1), ended("guard", 1)], true],
  ])("%s", (_, outcomes, red) => {
    expect(endedRed(list, outcomes)).toBe(red)
  })
})
