import { describe, expect, it } from "vitest"
import { awaitingApprovalGate } from "../../../src/core/gates/gate.js"
import { exitStatus } from "../../../src/core/verdict.js"

describe("an environment that needs an approval", () => {
  it("ends as awaiting-approval, with status 4 and the key that asks for it", () => {
    const gate = awaitingApprovalGate("production")
    expect(gate.reason).toContain("environments.production.approval")
    expect(exitStatus(gate.verdict)).toBe(4)
  })
})
