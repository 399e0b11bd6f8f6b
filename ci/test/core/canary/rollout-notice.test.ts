import { describe, expect, it } from "vitest"
import { rolloutPicture } from "../../../src/core/canary/picture.js"
import { rolloutNotice, toldRollout } from "../../../src/core/canary/rollout-notice.js"
import { canaryPlan } from "../../../src/core/canary/rollout-plan.js"
import type { RolloutState } from "../../../src/core/canary/rollout-state.js"
import { noticeText, webhookPayload } from "../../../src/core/notify/notice.js"
import { plainStrategy, type CanaryStrategy } from "../../../src/core/config/strategy.js"
import { FakeWorld, runRollout, SAID_BY_A_TOOL, type WorldFaults } from "./world.js"

const PLAN = canaryPlan(plainStrategy("canary") as CanaryStrategy, "c2-1")
const NOTICE = { project: "shop", environment: "staging", stage: null, cause: null, commit: "0123456789abcdef", runId: "42" } as const
const ended = (faults: WorldFaults): RolloutState => runRollout(PLAN, new FakeWorld(faults))

describe("what is told of a rollout that was taken back", () => {
  it.each<[string, WorldFaults, RegExp]>([
    ["the judge: its numbers, and how far it had come", { canaryErrorRate: 0.08 }, /^errors: canary \d+ of \d+ .*worse than stable.*; 10 %, \d+ of \d+ \(.*\) errors$/],
    ["Prometheus that was gone", { blind: [20, 1e9] }, /^no counters for \d+ s while the canary carries traffic; 10 %, 0 of \d+ \(0 %\) errors$/],
    ["a router that does as it likes", { ignoresWeights: true }, /^the router does not give the weight that it was told: asked for 10 %, observed 0 %.*; 10 %/],
    ["pods that are never ready", { fails: { "await-ready": "release" } }, /^ready: await-ready; no traffic moved$/],
    ["smoke checks", { fails: { smoke: "release" } }, /^smoke: smoke; no traffic moved$/],
  ])("by %s", (_, faults, words) => {
    const notice = rolloutNotice(ended(faults))
    expect(notice).toEqual({ event: "rolled-back", judgement: expect.stringMatching(words) })
    expect(text(notice)).toMatch(/^shop, staging: was rolled back to the last healthy revision: .*\. Commit 0123456789ab, run 42\.$/)
  })

  it("is critical where it is stuck, with who has the traffic, and nothing where it was promoted", () => {
    const stuck = ended({ fails: { "update-stable": "surroundings", "restore-stable": "surroundings" } })
    expect(rolloutNotice(stuck)).toEqual({ event: "critical", judgement: expect.stringMatching(/^update-stable: update-stable; the canary carries the traffic, for stable is not healthy; 10 → .*100 %/) })
    expect(rolloutNotice(ended({}))).toBeNull()
  })

  it.each<[string, WorldFaults]>([
    ["made the canary impossible", { fails: { "await-ready": "release" } }],
    ["kept the way back from its end", { fails: { "update-stable": "surroundings", "restore-stable": "surroundings" } }],
    ["kept the counters away", { blind: [20, 1e9] }],
  ])("is nothing that a tool has said which %s: that stands in the report alone", (_, faults) => {
    const state = ended(faults)
    expect(state.ending?.reason).toContain(SAID_BY_A_TOOL)
    expect(text(rolloutNotice(state))).not.toContain(SAID_BY_A_TOOL)
    expect(rolloutPicture(PLAN, state)).toContain(SAID_BY_A_TOOL)
    const picture = rolloutPicture(PLAN, toldRollout(state))
    expect(picture).toContain(`<desc id="rollout-words">${state.ending?.told}</desc>`)
    expect(JSON.stringify(webhookPayload({ ...NOTICE, event: "rolled-back", ...rolloutNotice(state), picture }))).not.toContain(SAID_BY_A_TOOL)
  })
})

function text(notice: ReturnType<typeof rolloutNotice>): string {
  return noticeText({ ...NOTICE, event: "rolled-back", ...notice })
}
