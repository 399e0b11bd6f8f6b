import { describe, expect, it } from "vitest"
import { judgeExec, judgeExecs, lastLines } from "../../../src/core/gates/exec.js"
import { execOutcome } from "../support.js"

describe("a command", () => {
  it.each<[number, string, RegExp]>([
    [0, "passed", /^$/],
    [1, "failed", /^npm run build ended with 1: TS2322$/],
    [124, "error", /did not end within 30 s/],
    [137, "error", /was killed \(137\): it ran past 30 s or out of memory/],
    [126, "error", /cannot be executed/],
    [127, "error", /was not found in the image/],
    [139, "error", /killed by a signal \(139\)/],
    [-1, "error", /killed by a signal \(-1\)/],
  ])("that ends with %i is %s", (exitCode, verdict, reason) => {
    const gate = judgeExec(execOutcome("npm run build", exitCode, "TS2322\n\nnpm warn x\n"), 30)
    expect(gate.verdict).toBe(verdict)
    expect(gate.reason).toMatch(reason)
  })

  it("of several is judged by the worst, whichever came first", () => {
    expect(judgeExecs([execOutcome("a", 0), execOutcome("b", 1), execOutcome("c", 127)], 30).verdict).toBe("error")
  })

  it("that does not exist is an error", () => {
    expect(judgeExecs([], 30).verdict).toBe("error")
  })
})

it("takes the end of a log without its blank lines", () => {
  expect(lastLines("a\nb\nc\n\n", 2)).toBe("b\nc")
})
