import { describe, expect, it } from "vitest"
import { judgeExec, judgeExecs, lastLine, lastLines } from "../../../src/core/gates/exec.js"
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

it.each([
  ["the request that nobody answered", "npm error code ECONNREFUSED\nnpm error syscall connect\nnpm error errno ECONNREFUSED\nnpm error FetchError: request to https://registry.npmjs.org/pnpm failed, reason: connect ECONNREFUSED 127.0.0.1:9\nnpm error     at ClientRequest.<anonymous> (index.js:130:14)\nnpm error\nnpm error If you are behind a proxy, please make sure that the 'proxy' config is set properly.  See: 'npm help config'\nnpm error A complete log of this run can be found in: x.log\n", /^FetchError: request to .* ECONNREFUSED/],
  ["what the registry does not have", "npm warn x\nnpm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/nope - Not found\nnpm error 404\nnpm error 404  'nope@1' is not in this registry.\n", /^404 Not Found - GET/],
  ["the script's own words where npm only passes them on", "npm error code 1\nnpm error path /work\nTS2322\n", /^TS2322$/],
])("of npm's errors tells %s", (_what, stderr, expected) => {
  expect(lastLine({ argv: ["npm"], exitCode: 1, stdout: "", stderr })).toMatch(expected)
})
