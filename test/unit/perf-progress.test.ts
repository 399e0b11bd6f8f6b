// The line of progress is made in k6's container, by awk, from what k6 writes while it runs.
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ROOT } from "../support/daggerw.js"

const RECORDING = readFileSync(join(ROOT, "ci/test/core/fixtures/perf/slow/series.ndjson"), "utf8")
const progress = (recording: string): string =>
  execFileSync("awk", ["-v", "name=perf (staging)", "-v", "total=65", "-v", "limit=500", "-f", join(ROOT, "ci/k6/progress.awk")], { input: recording, encoding: "utf8", env: { ...process.env, LC_ALL: "C" } })

describe("the progress of a load test", () => {
  it("is one line with what k6 measured in its last interval", () => {
    expect(progress(RECORDING)).toMatch(/^perf \(staging\): 0:0\d of 1:05, 5 users, \d+\.\d requests\/s, p95 7[01]\d ms \(limit 500 ms\), errors 0 %\n$/)
    expect(progress(RECORDING.split("\n").slice(0, 9).join("\n"))).toMatch(/^perf \(staging\): 0:01 of 1:05, /)
  })

  it("does not mind half a line, nor that there is nothing yet", () => {
    const whole = RECORDING.split("\n").slice(0, 8).join("\n")
    expect(progress(`${whole}\n{"event":"snapshot","data":[[1],[3540`)).toBe(progress(`${whole}\n`))
    expect(progress("")).toBe("")
  })

  it("is a line that changes where daggerw writes to a terminal, and nothing else is touched", () => {
    const wrapper = readFileSync(join(ROOT, "daggerw"), "utf8")
    const changingLine = /^changing_line\(\) \{\n[^]*?\n\}$/m.exec(wrapper)?.[0] ?? ""
    const input = ["before \\n", "perf (local): 0:10 of 1:00, 5 users, a", "perf (local): 0:20 of 1:00, 5 users, b", "  after", "perf: passed"].join("\n")
    expect(execFileSync("sh", ["-c", `${changingLine}\nchanging_line`], { input, encoding: "utf8" })).toBe("before \\n\n\r\u001b[Kperf (local): 0:10 of 1:00, 5 users, a\r\u001b[Kperf (local): 0:20 of 1:00, 5 users, b\n  after\nperf: passed\n")
  })
})
