import { describe, expect, it } from "vitest"
import { call, closingLine } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { productTree } from "../support/trees.js"

describe("a canary that is slow in one service alone, which no route leads to", () => {
  it("is taken back for its answers, with its picture, and what ran before still does", async () => {
    const tree = productTree().edit("delivery.yaml", (document) => document.setIn(["services", "ai-ml", "canary", "env", "FAULT_LATENCY_MS"], "1500"))
    const run = newRun("canary")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "canary"])
    expect(ended.status, ended.output).toBe(1)
    expect(closingLine(ended)).toMatch(/^canary: failed — canary \(local\): taken back, the traffic first, stable proven healthy, after \d+ s, 50 %/)
    // Only canary pods call canary pods, so stable's answers are as quick as before.
    expect(run.stage("canary").reason).toMatch(/latency(?: of backend)?: canary \d+ of \d+ \([\d.]+ %\) slow answers, stable \d+ of \d+ \(.*: worse than stable/)
    expect(run.stage("deploy").verdict).toBe("passed")
    expect(run.text("canary/local.svg")).toContain("aborted: failed")
    const { state } = JSON.parse(run.text("canary/local.json")) as { state: { weights: readonly { weightPercent: number }[] } }
    expect(state.weights.map(({ weightPercent }) => weightPercent)).toEqual([50, 0])
  })
})
