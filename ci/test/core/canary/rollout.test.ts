import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { blueGreenPlan, canaryPlan, type RolloutPlan } from "../../../src/core/canary/rollout-plan.js"
import { advanceRollout, refusedCommand } from "../../../src/core/canary/rollout.js"
import { rolloutAction } from "../../../src/core/canary/rollout-action.js"
import { rolloutLine } from "../../../src/core/canary/rollout-line.js"
import { startRollout, type RolloutState } from "../../../src/core/canary/rollout-state.js"
import { FakeWorld, runRollout, type Interference, type WorldFaults } from "./world.js"

const JUDGE = { slo: { errorRate: 0.01, latencyMs: 500, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, intervalSeconds: 10, inconclusive: "hold" } as const
const steps = [10, 25, 50].map((weightPercent) => ({ weightPercent, holdSeconds: 30, maximumSeconds: 300 }))
const CANARY = canaryPlan({ kind: "canary", ...JUDGE, steps, queries: {} }, "sha256:new")
const SWITCH = blueGreenPlan({ kind: "blueGreen", ...JUDGE, watchSeconds: 30, maximumSeconds: 300, keepSeconds: 120 }, "sha256:new")
const with_ = (plan: RolloutPlan, inconclusive: RolloutPlan["inconclusive"]): RolloutPlan => ({ ...plan, inconclusive })

const started = (plan: RolloutPlan, existing: RolloutState | null = null): RolloutState => {
  const start = startRollout(plan, existing)
  if (start.kind === "refused") throw new Error(start.reason)
  return start.state
}
const weights = (world: FakeWorld): string[] => world.log.filter((line) => line.startsWith("weight"))
const person = (command: "pause" | "resume" | "promote" | "abort", reason = "because"): Interference => {
  let told = false
  return (_, state, world) => {
    if (told || state.phase !== "measure") return null
    told = true
    return { kind: "person", command, by: "ann", reason, atSeconds: world.seconds }
  }
}

describe("a canary that is well", () => {
  const world = new FakeWorld({ stableErrorRate: 0.002, canaryErrorRate: 0.002 })
  const state = runRollout(CANARY, world)

  it("goes up step by step, and stable becomes the new release behind it", () => {
    expect(state).toMatchObject({ phase: "promoted", ending: { verdict: "passed" } })
    expect(weights(world)).toEqual(["weight 10", "weight 25", "weight 50", "weight 100", "weight 0"])
    expect(world.log.filter((line, index) => line !== "sample" && line !== world.log[index - 1])).toEqual([
      ...["scale-canary", "await-ready", "smoke", "weight 10"],
      ...[25, 50, 100].flatMap((weight) => ["scale-canary", "await-ready", `weight ${weight}`]),
      ...["update-stable", "weight 0", "remove-idle"],
    ])
  })

  it("never sends a request to where nothing answers", () => expect(world.lostTraffic).toBe(0))

  it("tells each decision with its numbers", () => {
    expect(state.decisions.map(({ what }) => what)).toEqual([
      ...["weight observed", "enough at 10 %", "weight observed", "enough at 25 %", "weight observed", "enough at 50 %", "weight observed", "promote", "promoted"],
    ])
    expect(state.decisions[0]?.reason).toMatch(/asked for 10 %, observed 10 %: \d+ of \d+ \(10 %\) requests/)
    expect(state.decisions[1]?.reason).toMatch(/errors: canary \d+ of \d+/)
  })

  it("has a point for each interval of the picture", () => expect(state.timeline.length).toBeGreaterThan(8))
})

describe("a canary that is not", () => {
  it.each<[string, WorldFaults, RolloutState["phase"], string, RegExp, number | null]>([
    ["fails 5 % of its requests", { canaryErrorRate: 0.05 }, "aborted", "failed", /errors: canary \d+ of \d+ .* worse than stable/, 10],
    ["breaks at 50 %", { canaryErrorRate: 0.08, breaksAtPercent: 50 }, "aborted", "failed", /errors: canary \d+ of \d+/, 50],
    ["breaks at 100 %, where nothing is left to compare with", { canaryErrorRate: 0.08, breaksAtPercent: 100 }, "aborted", "failed", /over the limit/, 100],
    ["is never ready", { fails: { "await-ready": "release" } }, "aborted", "failed", /ready: await-ready failed/, 0],
    ["answers its smoke test wrongly", { fails: { smoke: "release" } }, "aborted", "failed", /smoke: smoke failed/, 0],
    ["has a router that ignores weights", { ignoresWeights: true }, "aborted", "error", /the router does not give the weight that it was told: asked for 10 %, observed 0 %/, 10],
    ["has a router that cannot be told", { fails: { "set-weight": "surroundings" } }, "stranded", "error", /weight: set-weight failed: .*; withdraw cannot be done: set-weight failed/, null],
    ["loses Prometheus in mid-step", { blind: [20, 1e9] }, "aborted", "error", /no counters for \d+ s while the canary carries traffic: Prometheus does not answer/, 10],
  ])("%s", (_, faults, phase, verdict, reason, highest) => {
    const world = new FakeWorld(faults)
    const state = runRollout(CANARY, world)
    expect(state.ending).toMatchObject({ verdict, reason: expect.stringMatching(reason) })
    expect(state.phase).toBe(phase)
    // Nothing is scaled down before its traffic is away.
    if (highest === null) return expect(world.canaryUp).toBe(true)
    expect(Math.max(0, ...weights(world).map((line) => Number(line.slice(7))))).toBe(highest)
    expect(world.weight).toBe(0)
    expect(world.canaryUp).toBe(false)
    expect(world.lostTraffic).toBe(0)
  })

  it.each<[number, RolloutState["phase"]]>([[15, "aborted"], [60, "promoted"]])("whose counters have nothing new for 75 s, with a scrape every %i s, is then %s", (scrapeSeconds, phase) => {
    const world = new FakeWorld({ blind: [40, 115] })
    const looks = world.snapshot.bind(world)
    world.snapshot = () => ({ ...looks(), scrapeSeconds })
    expect(runRollout(CANARY, world).phase).toBe(phase)
  })

  it("is not aborted for a Prometheus that comes back in time: what it counted meanwhile counts", () => {
    const state = runRollout(CANARY, new FakeWorld({ blind: [20, 55] }))
    expect(state.phase).toBe("promoted")
    expect(runRollout(CANARY, new FakeWorld({ blind: [20, 55], canaryErrorRate: 0.05 }))).toMatchObject({ phase: "aborted", ending: { verdict: "failed" } })
  })

  it("loses its traffic before its pods, and stable is proven healthy", () => {
    const world = new FakeWorld({ canaryErrorRate: 0.5 })
    runRollout(CANARY, world)
    const back = world.log.slice(world.log.lastIndexOf("weight 0")).filter((line, index, all) => line !== all[index - 1])
    expect(back).toEqual(["weight 0", "sample", "wait", "remove-idle", "prove-stable"])
  })

  it("is taken back also while somebody goes on asking for it by name", () => {
    const world = new FakeWorld({ canaryErrorRate: 0.3, requestsPerSecond: 50, askForCanaryPerSecond: 5 })
    const state = runRollout(CANARY, world)
    expect(state).toMatchObject({ phase: "aborted", ending: { verdict: "failed" } })
    expect(state.decisions).toContainEqual(expect.objectContaining({ what: "weight 0 is set", reason: expect.stringMatching(/asked for 0 %, observed \d+(\.\d)? %: .* requests, by whoever asks for the track by name/) }))
    expect(world.canaryUp).toBe(false)
  })

  it("is promoted also while somebody goes on asking for it by name", () => {
    const quick = canaryPlan({ kind: "canary", ...JUDGE, steps: [{ weightPercent: 100, holdSeconds: 30, maximumSeconds: 300 }], queries: {} }, "sha256:new")
    expect(runRollout(quick, new FakeWorld({ askForCanaryPerSecond: 5 })).phase).toBe("promoted")
  })

  it("is not promoted into a stable that cannot be updated: stable is put back, then gets the traffic", () => {
    const world = new FakeWorld({ fails: { "update-stable": "surroundings" } })
    expect(runRollout(CANARY, world)).toMatchObject({ phase: "aborted", ending: { verdict: "error" } })
    expect(world.log.indexOf("restore-stable")).toBeLessThan(world.log.lastIndexOf("weight 0"))
  })

  it("keeps the traffic where stable cannot be put back", () => {
    const world = new FakeWorld({ fails: { "update-stable": "surroundings", "restore-stable": "surroundings" } })
    const state = runRollout(CANARY, world)
    expect(state).toMatchObject({ phase: "stranded", ending: { verdict: "error", reason: expect.stringMatching(/the canary carries the traffic, for stable is not healthy/) } })
    expect([world.weight, world.canaryUp]).toEqual([100, true])
    expect(startRollout(CANARY, state)).toMatchObject({ kind: "refused" })
  })
})

describe("too little evidence", () => {
  const quiet = { requestsPerSecond: 0.5 }

  it("holds, says why, and goes on by itself when evidence comes", () => {
    const world = new FakeWorld(quiet)
    const state = runRollout(CANARY, world, () => null, 60)
    expect(state).toMatchObject({ phase: "measure", step: 0, held: expect.stringMatching(/needs more requests/) })
    expect(rolloutLine(CANARY, state)).toMatch(/^step 1 of 4, 10 %: observed (10|9\.\d) %, canary 0 of \d+ \(0 %\) errors: inconclusive, \d+ more requests to the canary, about \d+ min, held$/)
    expect(runRollout(CANARY, new FakeWorld(quiet)).phase).toBe("promoted")
  })

  it("takes the traffic away where that is wanted", () => {
    expect(runRollout(with_(CANARY, "rollback"), new FakeWorld(quiet))).toMatchObject({ phase: "aborted", ending: { verdict: "inconclusive" } })
  })

  it("is made up by requests of our own, which the sample then asks for", () => {
    const plan = with_(CANARY, "synthesize")
    const state = runRollout(plan, new FakeWorld(quiet), () => null, 50)
    expect(state.synthetic).toBe(true)
    expect(rolloutAction(plan, state)).toEqual({ kind: "sample", afterSeconds: 10, synthesize: true })
  })

  it("is what no traffic at all is: never a pass", () => {
    const state = runRollout(with_(CANARY, "rollback"), new FakeWorld({ requestsPerSecond: 0 }))
    expect(state).toMatchObject({ phase: "aborted", ending: { verdict: "inconclusive", reason: expect.stringMatching(/no request since: too few to know the weight/) } })
  })
})

describe("a person", () => {
  it("may stop it at any time", () => {
    const world = new FakeWorld()
    expect(runRollout(CANARY, world, person("abort"))).toMatchObject({ phase: "aborted", ending: { verdict: "failed", reason: "aborted by ann: because" } })
    expect(world.weight).toBe(0)
  })

  it("may hold it: the judge goes on, and may still abort", () => {
    expect(runRollout(CANARY, new FakeWorld(), person("pause"), 200)).toMatchObject({ phase: "measure", step: 0, paused: { by: "ann" } })
    expect(runRollout(CANARY, new FakeWorld({ canaryErrorRate: 0.04 }), person("pause"))).toMatchObject({ phase: "aborted", ending: { verdict: "failed" } })
  })

  it("may hold it before the next step: no more traffic is given, and what is there is watched", () => {
    let told = false
    const world = new FakeWorld({ canaryErrorRate: 0.2, breaksAfterSeconds: 900 })
    const atScale: Interference = (_, state, { seconds }) => {
      if (told || state.step !== 1 || state.phase !== "scale") return null
      told = true
      return { kind: "person", command: "pause", by: "ann", reason: "lunch", atSeconds: seconds }
    }
    const state = runRollout(CANARY, world, atScale)
    expect(state).toMatchObject({ phase: "aborted", step: 1, ending: { verdict: "failed", reason: expect.stringMatching(/^errors: canary/) } })
    expect(weights(world)).toEqual(["weight 10", "weight 0"])
  })

  it("may go past the judge with a reason, which is recorded", () => {
    const state = runRollout(CANARY, new FakeWorld({ requestsPerSecond: 0.5 }), person("promote", "a fix for an outage"))
    expect(state).toMatchObject({ phase: "promoted", override: { by: "ann", reason: "a fix for an outage" }, ending: { reason: "promoted by ann past the judge: a fix for an outage" } })
  })

  it.each<[string, "promote" | "resume" | "pause" | "abort", Partial<RolloutState>, string, RegExp]>([
    ["go past it without a reason", "promote", { phase: "measure" }, " ", /expected a reason/],
    ["give traffic to pods that nobody has asked", "promote", { phase: "smoke" }, "now", /not been proven ready/],
    ["take back an abort", "promote", { phase: "drain", ending: { verdict: "failed", told: "8 %", reason: "8 %" } }, "now", /is being aborted \(8 %\).*deploy again/],
    ["resume what is not paused", "resume", { phase: "measure" }, "", /not paused/],
    ["pause what is being finished", "pause", { phase: "update-stable" }, "", /abort is what stops it/],
    ["abort what is done", "abort", { phase: "promoted" }, "", /has ended/],
  ])("may not %s", (_, command, parts, reason, refusal) => {
    const state = { ...started(CANARY), ...parts }
    expect(refusedCommand(state, command, reason)).toMatch(refusal)
    const after = advanceRollout(CANARY, state, { kind: "person", command, by: "ann", reason, atSeconds: 5 })
    expect(after.phase).toBe(state.phase)
  })
})

describe("a controller that is killed", () => {
  const undisturbed = (plan: RolloutPlan): FakeWorld => {
    const world = new FakeWorld()
    runRollout(plan, world)
    return world
  }

  it.each([["canary", CANARY], ["blue/green", SWITCH]] as const)("at any turn of a %s leaves a state that another one ends from", (_, plan) => {
    const turns = undisturbed(plan).log.length
    for (let killed = 0; killed < turns; killed++) {
      const world = new FakeWorld()
      const state = runRollout(plan, world, (turn, before) => {
        if (turn !== killed) return null
        // It died after it had acted and before it could say so; the cluster took the traffic away, an hour went by.
        world.act(before, rolloutAction(plan, before))
        if (before.phase === "observe" || before.phase === "measure") world.weight = 0
        world.pass(3600)
        return { kind: "taken-up", atSeconds: world.seconds, withdrawn: before.phase === "observe" || before.phase === "measure" }
      })
      expect([killed, state.phase]).toEqual([killed, "promoted"])
      expect([killed, world.lostTraffic]).toEqual([killed, 0])
    }
  })

  it.each(["measure", "ready"] as const)("leaves nothing to the canary that the gateway said while nobody led, in %s: those answers were stable's", (phase) => {
    const track = (requests: number) => ({ web: { requests: { 'r{instance="a"}': requests }, errors: {}, times: {} } })
    const counters = (atSeconds: number, canary: number, stable: number, unserved: number) => ({ atSeconds, canary: track(canary), stable: track(stable), gateway: { "gateway a": unserved } })
    const led: RolloutState = { ...started(CANARY), phase, step: phase === "ready" ? 1 : 0, atSeconds: 1000, seconds: 100, seenSeconds: 100, weights: [{ seconds: 10, weightPercent: 10 }], baseline: counters(1000, 500, 4500, 0) }
    let state = advanceRollout(CANARY, led, { kind: "taken-up", atSeconds: 4600, withdrawn: false })
    if (state.phase === "weight") state = advanceRollout(CANARY, state, { kind: "done", phase: "weight", atSeconds: 4601 })
    state = advanceRollout(CANARY, state, { kind: "snapshot", atSeconds: 4602, snapshot: counters(4602, 510, 184_500, 300), readings: {} })
    expect([state.ending, state.timeline.at(-1)?.canary]).toEqual([null, { bad: 0, total: 10 }])
    // What the gateway says from then on is the canary's again.
    state = advanceRollout(CANARY, state, { kind: "snapshot", atSeconds: 4612, snapshot: counters(4612, 510, 185_000, 355), readings: {} })
    expect(state.timeline.at(-1)?.canary.bad).toBe(55)
  })

  it("aborts a bad canary all the same, wherever it was killed", () => {
    const faults = { canaryErrorRate: 0.05 }
    const world = new FakeWorld(faults)
    runRollout(CANARY, world)
    for (let killed = 0; killed < world.log.length; killed++) {
      const again = new FakeWorld(faults)
      const state = runRollout(CANARY, again, (turn) => (turn === killed ? { kind: "taken-up", atSeconds: again.seconds, withdrawn: false } : null))
      expect([killed, state.phase, again.weight]).toEqual([killed, "aborted", 0])
    }
  })
})

describe("what happens twice, late or out of order", () => {
  it("is told once: a phase that is over takes no more events", () => {
    const state = started(CANARY)
    const scaled = advanceRollout(CANARY, state, { kind: "done", phase: "scale", atSeconds: 1 })
    expect(scaled.phase).toBe("ready")
    expect(advanceRollout(CANARY, scaled, { kind: "done", phase: "scale", atSeconds: 2 }).phase).toBe("ready")
  })

  it.each([["forward", 86_400], ["back", -86_400]] as const)("does not count as watched when the clock jumps %s", (_, jump) => {
    const state: RolloutState = { ...started(CANARY), phase: "measure", atSeconds: 100_000 }
    const after = advanceRollout(CANARY, state, { kind: "person", command: "pause", by: "ann", reason: "", atSeconds: 100_000 + jump })
    expect(after.stepSeconds).toBe(jump > 0 ? 60 : 0)
  })

  it("is not begun twice: the same release is taken up, another one refused", () => {
    const running = { ...started(CANARY), phase: "measure" as const }
    expect(startRollout(CANARY, running)).toEqual({ kind: "taken-up", state: running })
    expect(startRollout({ ...CANARY, release: "sha256:other" }, running)).toEqual({ kind: "refused", reason: expect.stringMatching(/got that of sha256:new in phase measure, step 1/) })
    const ended = { ...running, phase: "promoted" as const }
    expect(startRollout(CANARY, ended).kind).toBe("nothing-to-do")
    expect(startRollout(CANARY, { ...running, phase: "aborted" }).kind).toBe("started")
  })
})

describe("blue/green", () => {
  it("is asked at weight 0, switched in one write, watched, and the old colour goes after its time", () => {
    const world = new FakeWorld({ canaryErrorRate: 0.001 })
    expect(runRollout(SWITCH, world)).toMatchObject({ phase: "promoted", ending: { verdict: "passed" } })
    expect(weights(world)).toEqual(["weight 100"])
    expect(world.log.filter((line, index) => line !== world.log[index - 1])).toEqual(["scale-canary", "await-ready", "smoke", "weight 100", "sample", "wait", "remove-idle"])
  })

  it("goes back in one write when the new colour is bad", () => {
    const world = new FakeWorld({ canaryErrorRate: 0.05 })
    expect(runRollout(SWITCH, world)).toMatchObject({ phase: "aborted", ending: { verdict: "failed", reason: expect.stringMatching(/over the limit/) } })
    expect(weights(world)).toEqual(["weight 100", "weight 0"])
  })

  it("that is promoted by a person before its switch is not paused any more", () => {
    const by = { kind: "person", by: "ann", reason: "go" } as const
    const paused = advanceRollout(SWITCH, { ...started(SWITCH), phase: "weight", atSeconds: 1000 }, { ...by, atSeconds: 1001, command: "pause" })
    expect(advanceRollout(SWITCH, paused, { ...by, atSeconds: 1002, command: "promote" })).toMatchObject({ phase: "weight", paused: null, override: { by: "ann" } })
  })

  it("goes back by one call while the old colour is kept", () => {
    let told = false
    const world = new FakeWorld()
    const state = runRollout(SWITCH, world, (_, before) => {
      if (told || before.phase !== "keep") return null
      told = true
      return { kind: "person", command: "abort", by: "ann", reason: "orders look wrong", atSeconds: world.seconds }
    })
    expect(state).toMatchObject({ phase: "aborted", ending: { reason: "aborted by ann: orders look wrong" } })
    expect(weights(world)).toEqual(["weight 100", "weight 0"])
  })
})

describe("whatever happens, in whatever order", () => {
  const command = fc.constantFrom("pause", "resume", "abort", "taken-up", "late", "blind", "impossible")
  const faults = fc.record({
    canaryErrorRate: fc.constantFrom(0, 0, 0.005, 0.3),
    stableErrorRate: fc.constantFrom(0, 0.005),
    requestsPerSecond: fc.constantFrom(0, 1, 30),
    ignoresWeights: fc.constantFrom(false, false, false, true),
    breaksAtPercent: fc.constantFrom(0, 50, 100),
  })

  it("no request is lost, no bad canary promoted, and what is being taken away is not given back", () => {
    fc.assert(
      fc.property(fc.constantFrom(with_(CANARY, "rollback"), SWITCH), faults, fc.array(fc.tuple(fc.nat(60), command), { maxLength: 4 }), (plan, faulty, events) => {
        const world = new FakeWorld(faulty)
        const state = runRollout(plan, world, (turn, { phase }) => {
          const [, what] = events.find(([at]) => at === turn) ?? []
          const atSeconds = world.seconds
          if (what === undefined) return null
          if (what === "taken-up") return { kind: what, atSeconds, withdrawn: false }
          if (what === "late") return { kind: "done", phase: "ready", atSeconds: atSeconds - 30 }
          if (what === "blind") return { kind: what, atSeconds, reason: "gone" }
          if (what === "impossible") return { kind: what, phase, atSeconds, fault: "surroundings", told: "cut off", reason: "cut off" }
          return { kind: "person", command: what, by: "ann", reason: "because", atSeconds }
        }, 300)
        expect(world.lostTraffic).toBe(0)
        if (state.phase === "promoted") expect(faulty.canaryErrorRate).toBeLessThan(0.3)
        if (state.phase === "aborted") expect(world.weight).toBe(0)
        const back = world.log.lastIndexOf("weight 0")
        if (state.ending !== null && state.ending.verdict !== "passed" && back >= 0) expect(world.log.slice(back).filter((line) => /^weight [1-9]/.test(line))).toEqual([])
      }),
      { numRuns: 60, seed: 7 },
    )
  })
})
