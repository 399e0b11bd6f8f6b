import { describe, expect, it } from "vitest"
import { decideApproval, withApproval, type Approval, type ApprovalRequest } from "../../../src/core/deploy/approval.js"
import { decideLease, leaseManifest, LEASE_SECONDS, type LeaseObject } from "../../../src/core/deploy/lease.js"

const PLAN = "a".repeat(64)
const NOW = "2026-11-23T12:00:00.000Z"
const approval = (more: Partial<Approval> = {}): Approval => ({ plan: PLAN, approvedBy: "ada", approvedAt: "2026-11-23T11:00:00.000Z", expiresAt: "2026-11-24T11:00:00.000Z", ...more })
const request = (more: Partial<ApprovalRequest> = {}): ApprovalRequest => ({ environment: "production", required: true, plan: PLAN, askedPlan: PLAN, approvedBy: "", recorded: [], now: NOW, ...more })

describe("an approval", () => {
  it("is needed where delivery.yaml says so alone", () => {
    expect(decideApproval(request({ required: false, askedPlan: "" }))).toEqual({ kind: "not-required" })
  })

  it("is given by the call that names plan and person, or was by an earlier one", () => {
    expect(decideApproval(request({ approvedBy: "ada" }))).toEqual({ kind: "given", approvedBy: "ada" })
    expect(decideApproval(request({ recorded: [approval()] }))).toEqual({ kind: "recorded", approval: approval() })
  })

  it.each<[string, Partial<ApprovalRequest>, string]>([
    ["nobody names the plan", { askedPlan: "", recorded: [approval()] }, `production needs an approval of plan ${PLAN}; nothing was written.`],
    ["nobody approved", {}, "nobody has approved plan"],
    ["it is for another plan", { recorded: [approval({ plan: "b".repeat(64) })] }, "nobody has approved plan"],
    ["it is older than 24 hours", { recorded: [approval({ expiresAt: NOW })] }, `the approval by ada ended ${NOW}`],
  ])("is missing when %s", (_, more, words) => {
    const decision = decideApproval(request(more))
    expect(decision.kind === "missing" ? decision.reason : decision.kind).toContain(words)
    expect(decision.kind === "missing" && decision.reason).toContain(`deploy --environment production --plan ${PLAN} --approved-by <who>`)
  })

  it("is kept once for a plan, and not beyond its end", () => {
    const old = approval({ plan: "c".repeat(64), expiresAt: "2026-11-23T11:59:00.000Z" })
    const again = approval({ approvedBy: "bob", approvedAt: NOW })
    expect(withApproval([old, approval()], again)).toEqual([again])
  })
})

describe("the lease of an environment", () => {
  const held = (renewTime: string, holderIdentity = "other"): LeaseObject => ({ metadata: { name: "l", resourceVersion: "5" }, spec: { holderIdentity, leaseDurationSeconds: LEASE_SECONDS, renewTime, acquireTime: "t0", leaseTransitions: 2 } })

  it.each([
    ["nobody has it", null],
    ["it was given back", held("t", "")],
    ["it is ours", held("t", "me")],
  ])("is taken when %s", (_, lease) => {
    expect(decideLease(lease, "me", null, 0)).toEqual({ kind: "take" })
  })

  it("is waited for while its holder renews, and taken once it has not for the whole length by our own clock", () => {
    const first = decideLease(held("t1"), "me", null, 1000)
    expect(first).toEqual({ kind: "wait", holder: "other", seen: { renewTime: "t1", seenAtMs: 1000 } })
    const renewed = decideLease(held("t2"), "me", { renewTime: "t1", seenAtMs: 1000 }, 30_000)
    expect(renewed).toMatchObject({ kind: "wait", seen: { renewTime: "t2", seenAtMs: 30_000 } })
    expect(decideLease(held("t2"), "me", { renewTime: "t2", seenAtMs: 30_000 }, 59_999)).toMatchObject({ kind: "wait" })
    expect(decideLease(held("t2"), "me", { renewTime: "t2", seenAtMs: 30_000 }, 60_000)).toEqual({ kind: "take" })
  })

  it("counts who had it, keeps the version that was read, and names nobody when given back", () => {
    expect(leaseManifest("l", "n", held("t1"), "me", "t9")).toMatchObject({ metadata: { resourceVersion: "5" }, spec: { holderIdentity: "me", acquireTime: "t9", renewTime: "t9", leaseTransitions: 3 } })
    expect(leaseManifest("l", "n", held("t1", "me"), "me", "t9")).toMatchObject({ spec: { acquireTime: "t0", renewTime: "t9", leaseTransitions: 2 } })
    expect(leaseManifest("l", "n", held("t1", "me"), null, "t9")).toMatchObject({ spec: { holderIdentity: "" } })
    expect(leaseManifest("l", "n", null, "me", "t9")).toMatchObject({ metadata: { name: "l", namespace: "n" }, spec: { leaseTransitions: 1 } })
  })
})
