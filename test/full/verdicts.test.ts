// The verdicts that no small tree gives: too little evidence, and a person who is waited for. The others: test/engine/verdicts.test.ts and test/full/tests.test.ts.
import { describe, expect, it } from "vitest"
import { call, closingLine } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { productTree } from "../support/trees.js"

describe("a run", () => {
  it("is inconclusive when the load test sent too few requests to prove anything, and ends with 3", async () => {
    const tree = productTree().edit("delivery.yaml", (config) => config.setIn(["environments", "local", "budgets", "minimumRequests"], 1_000_000))
    const run = newRun("inconclusive")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "perf", "--environment", "local", "--vus", "2", "--duration", "5s"], { limitSeconds: 1800 })
    expect(ended.status, ended.output).toBe(3)
    expect(closingLine(ended)).toMatch(/^perf: inconclusive — perf \(local\): .*1000000/)
    expect(run.stage("perf", "local").verdict).toBe("inconclusive")
    expect(run.stage("deploy", "local").verdict).toBe("passed")
    expect(run.text("junit.xml")).toMatch(/<failure type="inconclusive"/)
  })
})
