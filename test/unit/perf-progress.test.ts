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
})
