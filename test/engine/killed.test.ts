import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { cliBelow } from "../support/cli-process.js"
import { call, startCall } from "../support/daggerw.js"
import { helloTree, testFile } from "../support/fixture.js"
import { newRun, runFolder } from "../support/runs.js"

const PLANTED = "apps/hello/planted.test.mjs"

describe("a run whose Dagger CLI is killed with SIGKILL", () => {
  it("is told as an interrupted error, and the next run works", async () => {
    const tree = helloTree().write(PLANTED, testFile("never ends", "await new Promise((resolve) => setTimeout(resolve, 3_600_000))"))
    const run = newRun("killed")
    const running = startCall([`--source=${tree.path}`, `--run-id=${run.runId}`, "pipeline", "--skip", "lint,audit,scan", "--until", "package"])
    await running.says("build (hello): passed")
    await running.says("test (hello): started")
    // The line of a stage comes first, its place in the store a moment later.
    await wait(5000)
    process.kill(cliBelow(running.child.pid), "SIGKILL")
    const killed = await running.ended
    expect([0, 1], killed.output).not.toContain(killed.status)

    const reports = join(tree.path, "killed-reports")
    const reported = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "report", "-o", reports])
    expect(reported.status, reported.output).toBe(0)
    const left = runFolder(reports, run.runId)
    expect(left.record()).toMatchObject({ runId: run.runId, verdict: "error", reason: expect.stringContaining("interrupted") })
    expect(left.stage("build", "hello")).toMatchObject({ verdict: "passed" })
    expect(left.stage("test", "hello")).toMatchObject({ verdict: "error", reason: expect.stringContaining("interrupted") })
    expect(left.text("report.html")).toContain("interrupted")
    expect(left.has("junit.xml")).toBe(true)

    const next = newRun("after-kill")
    const repaired = await call([`--source=${tree.remove(PLANTED).path}`, `--run-id=${next.runId}`, "test"])
    expect(repaired.status, repaired.output).toBe(0)
    expect(next.record().verdict).toBe("passed")
  })
})

describe("two runs at once", () => {
  it("end each with its own verdict and its own reports", async () => {
    const red = helloTree().write(PLANTED, testFile("counts to three", "assert.equal(1 + 1, 3)"))
    const runs = [
      { tree: helloTree(), run: newRun("at-once"), status: 0, verdict: "passed" },
      { tree: red, run: newRun("at-once"), status: 1, verdict: "failed" },
    ]
    const ended = await Promise.all(runs.map(({ tree, run }) => call([`--source=${tree.path}`, `--run-id=${run.runId}`, "test"])))
    for (const [index, { run, status, verdict }] of runs.entries()) {
      expect(ended[index]?.status, ended[index]?.output).toBe(status)
      expect(run.record()).toMatchObject({ runId: run.runId, verdict })
      expect(run.text("junit.xml").includes("counts to three")).toBe(verdict === "failed")
    }
  })
})
