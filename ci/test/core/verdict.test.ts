import { describe, expect, it } from "vitest"
import fc from "fast-check"
import { exitStatus, overallVerdict, VERDICTS, worstVerdict, type Outcome, type SkipKind, type Verdict } from "../../src/core/verdict.js"

const ran = (verdict: Verdict): Outcome => ({ verdict, skipKind: null })
const skipped = (skipKind: SkipKind): Outcome => ({ verdict: "skipped", skipKind })

describe("the exit status", () => {
  it.each<[Verdict, number]>([
    ["passed", 0],
    ["failed", 1],
    ["error", 2],
    ["inconclusive", 3],
    ["awaiting-approval", 4],
    ["skipped", 2],
  ])("of %s is %i", (verdict, status) => {
    expect(exitStatus(verdict)).toBe(status)
  })

  it("is 0 for nothing but passed", () => {
    expect(VERDICTS.filter((verdict) => exitStatus(verdict) === 0)).toEqual(["passed"])
  })
})

describe("the verdict of a run", () => {
  it.each<[string, Outcome[], Verdict]>([
    ["is the error, however much failed", [ran("failed"), ran("error"), ran("passed")], "error"],
    ["is failed before inconclusive", [ran("inconclusive"), ran("failed")], "failed"],
    ["is inconclusive before awaiting approval", [ran("awaiting-approval"), ran("inconclusive")], "inconclusive"],
    ["is awaiting approval before passed", [ran("passed"), ran("awaiting-approval")], "awaiting-approval"],
    ["is passed when some passed and the others were skipped", [ran("passed"), skipped("not-configured")], "passed"],
    ["is an error when every stage was skipped on request", [skipped("requested"), skipped("requested")], "error"],
    ["is an error when there is no stage at all", [], "error"],
    ["is passed when all is unchanged", [skipped("unchanged"), skipped("unchanged")], "passed"],
    ["is passed when the rest is unchanged or not configured", [skipped("unchanged"), skipped("not-configured")], "passed"],
    ["is an error when a tool was unavailable and the rest unchanged", [skipped("unchanged"), skipped("unavailable")], "error"],
    ["is an error when nothing is configured", [skipped("not-configured")], "error"],
  ])("%s", (_, outcomes, verdict) => {
    expect(overallVerdict(outcomes).verdict).toBe(verdict)
  })

  it("says that nothing ran", () => {
    expect(overallVerdict([skipped("requested")]).reason).toMatch(/^nothing ran/)
  })

  it("is never better than any of its stages", () => {
    const anyVerdict = fc.constantFrom(...VERDICTS)
    fc.assert(
      fc.property(fc.array(anyVerdict), anyVerdict, (verdicts, another) => {
        const before = VERDICTS.indexOf(worstVerdict(verdicts))
        expect(VERDICTS.indexOf(worstVerdict([...verdicts, another]))).toBeLessThanOrEqual(before)
      }),
    )
  })
})
