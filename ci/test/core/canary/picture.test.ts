import { XMLValidator } from "fast-xml-parser"
import { describe, expect, it } from "vitest"
import { rolloutPicture } from "../../../src/core/canary/picture.js"
import { canaryPlan } from "../../../src/core/canary/rollout-plan.js"
import { startRollout } from "../../../src/core/canary/rollout-state.js"
import { FakeWorld, runRollout } from "./world.js"

const steps = [10, 25, 50, 100].map((weightPercent) => ({ weightPercent, holdSeconds: 60, maximumSeconds: 600 }))
const slo = { errorRate: 0.01, latencyMs: 500, slowRate: 0.05 }
const plan = canaryPlan({ kind: "canary", slo, marginPoints: 5, falseAbortRate: 0.01, intervalSeconds: 10, inconclusive: "hold", steps, queries: {} }, "sha256:<new>")

describe("the picture of a rollout", () => {
  const world = { requestsPerSecond: 30, canaryErrorRate: 0.004, stableErrorRate: 0.003 }

  it("of one that was promoted looks as before", async () => {
    await expect(rolloutPicture(plan, runRollout(plan, new FakeWorld(world)))).toMatchFileSnapshot("golden/promoted.svg")
  })

  it("of one that was aborted looks as before", async () => {
    const faults = { ...world, canaryErrorRate: 0.06, breaksAtPercent: 50 }
    await expect(rolloutPicture(plan, runRollout(plan, new FakeWorld(faults)))).toMatchFileSnapshot("golden/aborted.svg")
  })

  it.each([
    ["one that has seen nothing", rolloutPicture(plan, (startRollout(plan, null) as { state: Parameters<typeof rolloutPicture>[1] }).state)],
    ["one without requests", rolloutPicture(plan, runRollout({ ...plan, inconclusive: "rollback" }, new FakeWorld({ requestsPerSecond: 0 })))],
    ["one that is never ready", rolloutPicture(plan, runRollout(plan, new FakeWorld({ fails: { "await-ready": "release" } })))],
  ])("of %s is sound, and takes nothing of a name for markup", (_, svg) => {
    expect(XMLValidator.validate(svg)).toBe(true)
    expect(svg).not.toMatch(/NaN|Infinity|undefined/)
    expect(svg).toContain("sha256:&lt;new&gt;")
    expect(svg).not.toMatch(/(href|src)=|url\(/)
  })

  it("shows every decision with its reason, the abort's in its headline", () => {
    const svg = rolloutPicture(plan, runRollout(plan, new FakeWorld({ ...world, canaryErrorRate: 0.2 })))
    expect(svg).toMatch(/<title id="rollout-title">Canary of sha256:&lt;new&gt;: aborted: failed<\/title>/)
    expect(svg).toMatch(/<title>judge: abort\. errors: canary \d+ of \d+ .*worse than stable/)
  })
})
