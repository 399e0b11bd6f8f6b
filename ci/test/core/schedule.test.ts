import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { planPipeline, type PlannedStage } from "../../src/core/plan.js"
import { admitStages, nextStages, stagesAtOnce, type EndedStage } from "../../src/core/schedule.js"
import { VERDICTS, type Verdict } from "../../src/core/verdict.js"
import { shop } from "./support.js"

const config = await shop()
const plan = planPipeline(config, { environments: ["staging", "production"] })

interface History {
  readonly ended: ReadonlyMap<string, EndedStage>
  /** Ids in the order in which they started. */
  readonly started: readonly string[]
}

/** Runs a whole plan without containers: `verdictOf` says how a stage ends, `pick` which one ends next. */
function simulate(stages: readonly PlannedStage[], verdictOf: (id: string) => Verdict, pick: (count: number) => number): History {
  const ended = new Map<string, EndedStage>()
  const started = new Set<string>()
  const running: string[] = []
  for (;;) {
    const next = nextStages(stages, ended, started)
    for (const { planned, skip } of next.skipped) ended.set(planned.id, { verdict: "skipped", skipKind: skip.kind, reason: skip.reason })
    for (const { id } of next.ready) {
      started.add(id)
      running.push(id)
    }
    if (next.finished) return { ended, started: [...started] }
    const [id] = running.splice(pick(running.length), 1)
    if (id === undefined) throw new Error("the scheduler is stuck")
    const verdict = verdictOf(id)
    ended.set(id, { verdict, skipKind: verdict === "skipped" ? "unavailable" : null, reason: "x" })
  }
}

const endWith = (bad: Readonly<Record<string, Verdict>>) => simulate(plan, (id) => bad[id] ?? "passed", () => 0)

describe("the scheduler", () => {
  it("starts at once all that waits for nothing", () => {
    const { ready } = nextStages(plan, new Map(), new Set())
    expect(ready.map((planned) => planned.id)).toEqual(["lint:web", "lint:api", "lint-files", "charts-check", "audit:web", "audit:api", "scan-files", "sast:web", "sast:api"])
  })

  it("starts no more than the run has room for, and no more of one stage than delivery.yaml says", () => {
    const { ready } = nextStages(plan, new Map(), new Set())
    const ids = (running: readonly PlannedStage[], atOnce: number, maxParallel: number) => admitStages(ready.map((planned) => (planned.stage === "lint" ? { ...planned, maxParallel } : planned)), running, atOnce).map(({ id }) => id)
    expect(ids([], 3, 0)).toEqual(["lint:web", "lint:api", "lint-files"])
    expect(ids([], 3, 1)).toEqual(["lint:web", "lint-files", "charts-check"])
    expect(ids(ready.slice(0, 1), 3, 1)).toEqual(["lint-files", "charts-check"])
    expect(ids(ready.slice(2, 4), 2, 0)).toEqual([])
  })

  it("does not start a stage twice", () => {
    const { ready } = nextStages(plan, new Map(), new Set(["lint:web", "build:api"]))
    expect(ready.map((planned) => planned.id)).toEqual(["lint:api", "lint-files", "charts-check", "audit:web", "audit:api", "scan-files", "sast:web", "sast:api"])
  })

  it("hides no other service's result behind one that failed, and packages nothing", () => {
    const { ended } = endWith({ "build:web": "failed" })
    expect(ended.get("test:web")).toMatchObject({ skipKind: "upstream-failed", reason: "build (web): failed" })
    for (const id of ["lint:web", "audit:web", "lint:api", "build:api", "test:api"]) expect(ended.get(id)?.verdict).toBe("passed")
    for (const id of ["package:web", "package:api", "push", "deploy:staging", "deploy:production"]) {
      expect(ended.get(id)).toMatchObject({ verdict: "skipped", skipKind: "upstream-failed", reason: "build (web): failed" })
    }
  })

  it("names every root cause, whichever ended first", () => {
    const bad: Readonly<Record<string, Verdict>> = { "lint:api": "failed", "test:web": "error" }
    const reasons = [0, 1, 2].map((choice) => {
      const { ended } = simulate(plan, (id) => bad[id] ?? "passed", (count) => choice % count)
      return ended.get("push")?.reason
    })
    expect(new Set(reasons)).toEqual(new Set(["lint (api): failed, test (web): error"]))
  })

  it("goes on after a stage that was skipped, except where the environment requires it", () => {
    const { ended } = endWith({ "lint:web": "skipped" })
    expect(ended.get("deploy:staging")?.verdict).toBe("passed")
    expect(ended.get("deploy-plan:production")).toMatchObject({
      skipKind: "upstream-failed",
      reason: "lint (web) is required but was skipped (unavailable)",
    })
  })

  it("leaves the next environment alone when one is awaiting approval or in doubt", () => {
    for (const verdict of ["awaiting-approval", "inconclusive"] as const) {
      const { ended } = endWith({ "perf:staging": verdict })
      expect(ended.get("deploy:production")).toMatchObject({ skipKind: "upstream-failed", reason: `perf (staging): ${verdict}` })
    }
  })

  it("tells people also when the run went wrong", async () => {
    const telling = await shop((text) => `${text}notify: {webhook: WEBHOOK}\n`)
    const rows = planPipeline(telling).map((planned) => (planned.stage === "notify" ? { ...planned, skip: null } : planned))
    const { ended } = simulate(rows, (id) => (id === "lint:web" ? "failed" : "passed"), () => 0)
    expect(ended.get("notify:local")?.verdict).toBe("passed")
  })

  it("never starts a stage before its needs passed or were skipped, always ends, and gives every stage an end", () => {
    const verdict = fc.constantFrom(...VERDICTS)
    fc.assert(
      fc.property(fc.array(verdict, { minLength: plan.length, maxLength: plan.length }), fc.infiniteStream(fc.nat()), (verdicts, picks) => {
        const ids = plan.map((planned) => planned.id)
        const { ended, started } = simulate(plan, (id) => verdicts[ids.indexOf(id)] ?? "passed", (count) => picks.next().value % count)
        expect(ended.size).toBe(plan.length)
        for (const id of started) {
          const planned = plan.find((each) => each.id === id) as PlannedStage
          if (planned.runsAfterFailure) continue
          for (const need of planned.needs) {
            const end = ended.get(need)
            expect(end?.verdict === "passed" || (end?.verdict === "skipped" && end.skipKind !== "upstream-failed")).toBe(true)
          }
          for (const need of planned.mustPass) expect(ended.get(need)?.verdict).toBe("passed")
        }
      }),
      { numRuns: 100 },
    )
  })
})

describe("the number of stages at once", () => {
  it.each([
    [0, 1, 2],
    [0, 2, 2],
    [0, 16, 16],
    [1, 16, 1],
    [6, 2, 6],
  ])("asked for %i on %i cores is %i", (asked, cores, atOnce) => {
    expect(stagesAtOnce(asked, cores)).toBe(atOnce)
  })

  it("is refused when it is no number of stages", () => {
    expect(() => stagesAtOnce(-1, 2)).toThrow("--max-parallel: expected a number of stages, or 0 for one per core, got -1")
  })
})
