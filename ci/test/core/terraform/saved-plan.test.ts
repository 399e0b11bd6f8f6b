import { describe, expect, it } from "vitest"
import { decideApply, parseSavedPlan, savedPlanText, unsavable, type ApplyRequest, type SavedPlan } from "../../../src/core/terraform/saved-plan.js"

const plan: SavedPlan = {
  schemaVersion: 1,
  environment: "production",
  commit: "a".repeat(40),
  sha256: "b".repeat(64),
  changes: [
    { address: "aws_db_instance.main", type: "aws_db_instance", action: "replace", losesData: true, fields: ["engine"] },
    { address: "aws_subnet.main", type: "aws_subnet", action: "destroy", losesData: false, fields: [] },
  ],
}
const hash = "c".repeat(64)
const good: ApplyRequest = { environment: "production", required: true, commit: plan.commit, dirty: false, asked: hash, approvedBy: "ada", confirmed: ["aws_db_instance.main"], plan, hash, fileSha256: plan.sha256 }

describe("decideApply", () => {
  it("lets the named, approved and confirmed plan through", () => {
    expect(decideApply(good)).toEqual({ kind: "go" })
  })

  it.each<[string, Partial<ApplyRequest>, RegExp]>([
    ["no hash", { asked: "latest" }, /expected the 64 hexadecimal digits .* got "latest"/],
    ["another plan", { asked: "d".repeat(64) }, /d{12} was named, and the saved plan is c{12}/],
    ["another file", { fileSha256: "e".repeat(64) }, /not the one that its document speaks of/],
    ["another environment", { environment: "staging" }, /of production, not of staging/],
    ["another commit", { commit: "f".repeat(40) }, /made from commit a{12}, and the checkout is at f{12}/],
    ["a dirty checkout", { dirty: true }, /changes that no commit holds/],
    ["a confirmation of what is not lost", { confirmed: ["aws_db_instance.main", "aws_subnet.main"] }, /loses no data of aws_subnet\.main/],
  ])("refuses %s", (_, change, reason) => {
    expect(decideApply({ ...good, ...change })).toEqual({ kind: "refused", reason: expect.stringMatching(reason) })
    expect(decideApply({ ...good, ...change })).toMatchObject({ reason: expect.stringMatching(/Nothing was applied\.$/) })
  })

  it.each<[string, Partial<ApplyRequest>, RegExp]>([
    ["somebody who approves", { approvedBy: "" }, /needs an approval of plan c{64}/],
    ["a confirmation of each loss", { confirmed: [] }, /replace aws_db_instance\.main.*--confirm-loss 'aws_db_instance\.main'/],
  ])("waits for %s", (_, change, reason) => {
    expect(decideApply({ ...good, ...change })).toEqual({ kind: "needs-approval", reason: expect.stringMatching(reason) })
  })

  it("wants the confirmation also where nobody has to approve", () => {
    expect(decideApply({ ...good, required: false, approvedBy: "", confirmed: [] }).kind).toBe("needs-approval")
  })
})

describe("a saved plan", () => {
  it("has another text for every change of it", () => {
    const texts = [plan, { ...plan, commit: "0" }, { ...plan, environment: "dev" }, { ...plan, sha256: "0" }, { ...plan, changes: plan.changes.slice(1) }].map(savedPlanText)
    expect(new Set(texts).size).toBe(texts.length)
  })

  it("is read again, and nothing else is", () => {
    expect(parseSavedPlan(JSON.stringify(plan))).toEqual(plan)
    for (const text of ["", "[]", "{}", '{"schemaVersion":2}']) expect(parseSavedPlan(text)).toBeNull()
  })
})

describe("a plan is kept for an apply", () => {
  const savable = { encrypted: true, dirty: false, locked: true, providers: ["registry.opentofu.org/hashicorp/aws"] }
  it.each([
    ["encrypted, of a commit, its providers held still", savable, null],
    ["no lock file, and no provider to hold", { ...savable, locked: false, providers: [] }, null],
    ["no passphrase", { ...savable, encrypted: false }, /no terraform\.passphrase/],
    ["a dirty checkout", { ...savable, dirty: true }, /changes that no commit holds/],
    ["providers that no lock file holds", { ...savable, locked: false }, /no \.terraform\.lock\.hcl holds registry\.opentofu\.org\/hashicorp\/aws still/],
  ])("%s", (_, facts, reason) => {
    const said = unsavable(facts)
    if (reason === null) expect(said).toBeNull()
    else expect(said).toMatch(reason)
  })
})
