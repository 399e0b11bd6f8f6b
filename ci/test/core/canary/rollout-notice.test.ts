import { describe, expect, it } from "vitest"
import { rolloutNotice } from "../../../src/core/canary/rollout-notice.js"
import { canaryPlan } from "../../../src/core/canary/rollout-plan.js"
import type { RolloutState } from "../../../src/core/canary/rollout-state.js"
import { noticeText } from "../../../src/core/notify/notice.js"
import { plainStrategy, type CanaryStrategy } from "../../../src/core/config/strategy.js"
import { FakeWorld, runRollout, type WorldFaults } from "./world.js"

const PLAN = canaryPlan(plainStrategy("canary") as CanaryStrategy, "c2-1")
const ended = (faults: WorldFaults): RolloutState => runRollout(PLAN, new FakeWorld(faults))
const byController = (reason: string): RolloutState => {
  const state = ended({ fails: { "await-ready": "release" } })
  return { ...state, ending: { verdict: "failed", reason } }
}

describe("what is told of a rollout that was taken back", () => {
  it.each<[string, RolloutState, RegExp]>([
    ["the judge: its numbers, and how far it had come", ended({ canaryErrorRate: 0.08 }), /^errors: canary \d+ of \d+ .*worse than stable.*; 10 %, \d+ of \d+ \(.*\) errors$/],
    ["Prometheus that was gone", ended({ blind: [20, 1e9] }), /^no counters for \d+ s while the canary carries traffic; 10 %, 0 of \d+ \(0 %\) errors$/],
    ["a router that does as it likes", ended({ ignoresWeights: true }), /^the router does not give the weight that it was told: asked for 10 %, observed 0 %; 10 %/],
    ["pods that are never ready: the kind of cause, and nothing that a tool has said", byController("ready: probe: pod shop-web-canary-x: token=hunter2"), /^ready: probe; no traffic moved$/],
    ["smoke checks", byController("smoke: web lists: expected 200, got 500 token=hunter2"), /^smoke; no traffic moved$/],
    ["something else", byController("token=hunter2"), /^no traffic moved$/],
  ])("by %s", (_, state, words) => {
    const notice = rolloutNotice(state)
    expect(notice).toEqual({ event: "rolled-back", judgement: expect.stringMatching(words) })
    const text = noticeText({ project: "shop", environment: "staging", stage: null, cause: null, commit: "0123456789abcdef", runId: "42", event: "rolled-back", ...notice })
    expect(text).toMatch(/^shop, staging: was rolled back to the last healthy revision: .*\. Commit 0123456789ab, run 42\.$/)
    expect(text).not.toContain("hunter2")
  })

  it("is critical where it is stuck, and nothing where it was promoted", () => {
    expect(rolloutNotice(ended({ fails: { "update-stable": "surroundings", "restore-stable": "surroundings" } }))?.event).toBe("critical")
    expect(rolloutNotice(ended({}))).toBeNull()
  })
})
