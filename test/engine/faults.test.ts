import { describe, expect, it } from "vitest"
import { call, closingLine } from "../support/daggerw.js"
import { newRun } from "../support/runs.js"
import { productTree } from "../support/trees.js"

describe("a backend that never becomes ready", () => {
  it("fails the deployment, which names the pod, the cause and the pod's last words, and takes it back", async () => {
    const tree = productTree().edit("delivery.yaml", (config) => config.setIn(["services", "backend", "env", "FAULT_NEVER_READY"], "1"))
    const run = newRun("never-ready")
    const ended = await call([`--source=${tree.path}`, `--run-id=${run.runId}`, "deploy", "--environment", "local"], { limitSeconds: 1200 })
    expect(ended.status, ended.output).toBe(1)
    const { verdict, reason, findings } = run.stage("deploy", "local")
    expect(verdict).toBe("failed")
    const pod = /docuthinker-backend-[a-z0-9]+-[a-z0-9]+/.exec(reason)?.[0]
    expect(pod, reason).toBeDefined()
    expect(closingLine(ended)).toMatch(new RegExp(`^deploy: failed — deploy \\(local\\): probe: pod ${pod}: .*not ready`))
    expect(reason).toContain("the first installation was uninstalled")
    // The service says itself why it is not ready.
    expect(findings).toMatchObject([{ rule: "backend: probe", message: expect.stringMatching(/last log lines:\n[^]*FAULT_NEVER_READY/) }])
    expect(ended.output).toMatch(/FAULT_NEVER_READY/)
    for (const file of ["report.html", "summary.md", "junit.xml"]) expect(run.text(file), file).toContain(pod)
    expect(run.text("report.html")).toContain("FAULT_NEVER_READY")
    expect(run.text("logs/deploy-local.log")).toContain("helm uninstall")
  })
})
