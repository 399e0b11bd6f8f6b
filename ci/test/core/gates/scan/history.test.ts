import { describe, expect, it } from "vitest"
import { judgeFilesScan } from "../../../../src/core/gates/scan/files.js"
import { judgeHistory, SHALLOW_HISTORY, type HistoryInput } from "../../../../src/core/gates/scan/history.js"
import type { ExecOutcome } from "../../../../src/core/gates/exec.js"
import { HISTORY_STEPS } from "../../../../src/core/scan/history.js"
import { fixture } from "../../support.js"
import { filesScan, NAMED_SECRET } from "./recorded-scan.js"

interface KeptHistory {
  readonly steps: Readonly<Record<string, { readonly exit: string; readonly stdout: string; readonly stderr: string; readonly report: unknown }>>
  readonly paths: string
}

// What the real git and gitleaks left, in a sandbox of the module's own script: a repository with three keys, one with a missing
// object, a folder that is none, and one without secrets. The key in a file's name is put in here, or it would be found there.
const kept = JSON.parse(fixture("scan/history.json").replaceAll("@KEY@", NAMED_SECRET)) as Readonly<Record<string, KeptHistory>>

function historyOf(name: "red" | "broken" | "none" | "green", more: Readonly<Record<string, Partial<ExecOutcome>>> = {}): HistoryInput {
  const { steps, paths } = kept[name] as KeptHistory
  const outcomes = Object.fromEntries(HISTORY_STEPS.map((step): [string, ExecOutcome] => {
    const { exit, stdout, stderr } = steps[step.name] ?? { exit: "-1", stdout: "", stderr: "" }
    return [step.name, { argv: step.argv, exitCode: Number(exit), stdout, stderr, ...more[step.name] }]
  }))
  const scan = (step: string) => ({ exec: outcomes[step] as ExecOutcome, report: JSON.stringify(steps[step]?.report) })
  return { outcomes, isShallow: false, secrets: { tree: scan("history"), names: scan("history-names"), canary: scan("history-canary"), paths: paths.split("\n").slice(0, -1), root: "", timeoutSeconds: 900 } }
}
const reasonOf = (input: HistoryInput): string => {
  const judged = judgeHistory(input)
  return "verdict" in judged ? `${judged.verdict}: ${judged.reason}` : judged.what
}

describe("the history of a repository", () => {
  it("is red for a key that was taken away again, one that an attribute would hide, and one in a file's name", () => {
    const { gate } = judgeFilesScan(filesScan("green", { history: historyOf("red") }))
    expect(gate).toMatchObject({ verdict: "failed", reason: expect.stringMatching(/^4 secrets of level high or worse: .*, in commit [0-9a-f]{12}; no network$/) as string })
    expect(gate.findings.map(({ rule, file, line, severity }) => [rule, file, line, severity]).toSorted()).toEqual([
      ["github-pat", "***", null, "critical"],
      ["github-pat", "***", 1, "critical"],
      ["github-pat", "a.ts", 1, "critical"],
      ["github-pat", "hid.ts", 1, "critical"],
    ])
    expect(JSON.stringify(gate)).not.toContain(NAMED_SECRET)
  })

  it("is green without one, and the row tells how much it is", () => {
    expect(judgeFilesScan(filesScan("green", { history: historyOf("green") })).gate).toMatchObject({ verdict: "passed", reason: "1 lock file, 1 file of configuration, history of 1 commit; no network" })
  })

  it("is an error where part of it is missing, although gitleaks ends with 0", () => {
    expect(reasonOf(historyOf("broken"))).toMatch(/^error: the history cannot be read: git --git-dir \S+ ended with 128: fatal: missing blob object/)
    expect(judgeFilesScan(filesScan("green", { history: historyOf("broken") })).gate.verdict).toBe("error")
  })

  it("is an error where there is none, where it is shallow, and where gitleaks read nothing of it", () => {
    expect(reasonOf(historyOf("none"))).toMatch(/^error: the history cannot be read: .*not a git repository/)
    expect(reasonOf({ ...historyOf("green"), isShallow: true })).toBe(`error: ${SHALLOW_HISTORY}`)
    expect(reasonOf(historyOf("green", { "history-commits": { stdout: "0\n" } }))).toMatch(/^error: the history has no commit/)
    expect(reasonOf(historyOf("green", { history: { stderr: "4:12PM INF 0 commits scanned.\n4:12PM INF scanned ~9 bytes (9) in 1ms\n" } }))).toBe("error: gitleaks git scanned none of the 1 commit of the history")
    expect(reasonOf(historyOf("red", { history: { stderr: '4:12PM ERR error="stderr is not empty"\n4:12PM INF 2 commits scanned.\n4:12PM INF scanned ~9 bytes (9) in 1ms\n' } }))).toMatch(/^error: gitleaks git did not read the whole history: ERR error/)
    expect(reasonOf(historyOf("green", { "history-list": { exitCode: 124 } }))).toMatch(/^error: the history cannot be read: .*did not end within 900 s/)
  })

  it("tells what it found also where the tree leaves a doubt", () => {
    const input = filesScan("green", { history: historyOf("red"), database: { metadata: null, sample: null, notRenewed: "refused" } })
    expect(judgeFilesScan(input).gate).toMatchObject({ verdict: "error", findings: expect.arrayContaining([expect.objectContaining({ file: "hid.ts" })]) as unknown })
  })
})
