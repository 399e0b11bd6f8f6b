import { describe, expect, it } from "vitest"
import { rolloutRecords } from "../../../src/core/canary/rollout-history.js"
import type { RolloutOutcome } from "../../../src/core/canary/rollout-outcome.js"
import { canaryPlan } from "../../../src/core/canary/rollout-plan.js"
import { rolloutStatusText } from "../../../src/core/canary/rollout-status.js"
import type { RolloutFacts } from "../../../src/core/canary/stored-rollout.js"
import { plainStrategy, type CanaryStrategy } from "../../../src/core/config/strategy.js"
import { captureRevision, type DeploymentRecord } from "../../../src/core/deploy/history.js"
import { judgeRollout } from "../../../src/core/gates/rollout.js"
import { FakeWorld, runRollout, type WorldFaults } from "./world.js"

const PLAN = canaryPlan(plainStrategy("canary") as CanaryStrategy, "c2-1")
const FACTS: RolloutFacts = { runId: "r2", environment: "staging", commit: "c2", images: { web: "r/web@sha256:2" }, content: "two", checks: [], capturedChecks: [], plan: "p2", approvedBy: "ada", startedAt: "t0", live: "stable", track: "canary", services: ["web"], captured: 3, withTrack: 4 }
const ended = (faults: WorldFaults, revision: number): Extract<RolloutOutcome, { kind: "ended" | "at-weight" }> => ({ kind: "ended", facts: FACTS, plan: PLAN, state: runRollout(PLAN, new FakeWorld(faults)), revision, sent: { requests: 900, failed: 2 }, seconds: 60 })
const PROMOTED = ended({}, 6)
const ABORTED = ended({ canaryErrorRate: 0.08 }, 5)
const STRANDED = ended({ fails: { "update-stable": "surroundings", "restore-stable": "surroundings" } }, 5)

describe("the verdict of a rollout", () => {
  it.each<[string, RolloutOutcome, string, RegExp]>([
    ["promoted", PROMOTED, "passed", /^promoted after \d+ s, 10 → 25 → 50 → 100 %, 0 of \d+ \(0 %\) errors; now revision 6: errors: .*; synthetic traffic: 900 requests, 2 failed$/],
    ["taken back", ABORTED, "failed", /^taken back, the traffic first, stable proven healthy, after \d+ s, 10 %, \d+ of \d+ \(.*worse than stable/],
    ["stranded", STRANDED, "error", /^STRANDED after .*the canary carries the traffic, for stable is not healthy/],
    ["ready for its traffic", { ...PROMOTED, kind: "at-weight" }, "passed", /^revision 4: web as track canary beside stable at weight 0/],
    ["refused", { kind: "refused", reason: "another one" }, "error", /another one/],
    ["there already", { kind: "nothing-to-do", reason: "it was promoted before" }, "passed", /promoted before/],
  ])("that was %s", (_, outcome, verdict, reason) => expect(judgeRollout(outcome, true)).toMatchObject({ verdict, reason: expect.stringMatching(reason) }))

  it("names who decided, in a finding", () => expect(judgeRollout(ABORTED, false).findings).toMatchObject([{ rule: "canary: judge", severity: "high" }]))
})

describe("the history of a rollout", () => {
  const healthy = (revision: number): DeploymentRecord => ({ kind: "deploy", runId: "r1", revision, commit: "c1", images: {}, content: "one", objects: "o1", checks: [], plan: null, approvedBy: null, startedAt: "t", endedAt: "t", outcome: "healthy", reason: "" })
  const digests = { withTrack: "o4", newest: "o6" }
  const revisions = (last: number) => Array.from({ length: last }, (_, index) => ({ revision: index + 1, status: index + 1 === last ? "deployed" : "superseded", updated: "" }))
  const running = rolloutRecords([healthy(3)], { ...PROMOTED, kind: "at-weight" }, digests, "t1")

  it("has one record, running until its end", () => {
    expect(running.map(({ revision, outcome, objects }) => [revision, outcome, objects])).toEqual([[3, "healthy", "o1"], [4, "running", "o4"]])
    expect(rolloutRecords(running, PROMOTED, digests, "t2").map(({ revision, outcome, objects }) => [revision, outcome, objects])).toEqual([[3, "healthy", "o1"], [6, "healthy", "o6"]])
  })

  it("has a second one for its way back, which is what ran before", () => {
    const records = rolloutRecords(running, ABORTED, digests, "t2")
    expect(records.map(({ kind, revision, outcome, commit }) => [kind, revision, outcome, commit])).toEqual([["deploy", 3, "healthy", "c1"], ["deploy", 4, "failed", "c2"], ["rollback", 5, "healthy", "c1"]])
    expect(captureRevision(records, revisions(5), true)).toBe(5)
  })

  it("never takes a revision with a track for one to go back to", () => expect(captureRevision(running, revisions(4), true)).toBe(3))
  it("knows of no healthy one where the rollout was stranded", () => expect(rolloutRecords(running, STRANDED, digests, "t2").at(-1)).toMatchObject({ kind: "rollback", outcome: "failed" }))
})

it("a person reads where a rollout is, what was counted and what was decided, and what waits to be obeyed", () => {
  const { state } = ABORTED
  const text = rolloutStatusText({ facts: FACTS, plan: PLAN, state, leader: "x", commands: [{ id: "1", command: "pause", by: "ada", reason: "" }] }, null)
  expect(text.split("\n")[0]).toBe("canary of c2 in staging, begun t0 by run r2; nobody leads it now")
  expect(text).toMatch(/services web as track canary beside stable, goes back to revision 3\n(.*\n)*failed: errors: canary .*\nwaiting to be obeyed: pause by ada\ncounted so far:\n {2}errors: canary (.*\n)*decisions:\n/)
})
