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

  it("awaits an approval before it writes anything to production, and ends with 4", async () => {
    const run = newRun("approval")
    // Nothing listens there: whoever tried to reach the cluster would end with an error instead.
    const kubeconfig = JSON.stringify({
      "current-context": "none",
      contexts: [{ name: "none", context: { cluster: "none", user: "none" } }],
      clusters: [{ name: "none", cluster: { server: "https://127.0.0.1:9", "certificate-authority-data": "bm9uZQ==" } }],
      users: [{ name: "none", user: { token: "none" } }],
    })
    const ended = await call([`--source=${productTree().path}`, "--credentials=env:KUBECONFIG_PRODUCTION", `--run-id=${run.runId}`, "deploy-plan", "--environment", "production"], {
      env: { KUBECONFIG_PRODUCTION: kubeconfig },
    })
    expect(ended.status, ended.output).toBe(4)
    expect(closingLine(ended)).toMatch(/^deploy-plan: awaiting-approval — deploy-plan \(production\): production needs an approval/)
    expect(run.stage("deploy-plan", "production").verdict).toBe("awaiting-approval")
  })
})
