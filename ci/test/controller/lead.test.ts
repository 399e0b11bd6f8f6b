import { describe, expect, it } from "vitest"
import { leadRollout, type LeadOptions } from "../../controller/src/lead.js"
import { impossible } from "../../controller/src/ports.js"
import { blueGreenPlan, canaryPlan, type RolloutPlan } from "../../src/core/canary/rollout-plan.js"
import { startRollout, unstranded, type RolloutState } from "../../src/core/canary/rollout-state.js"
import { FakeWorld, type WorldFaults } from "../core/canary/world.js"
import { FakePorts, Killed } from "./fake-ports.js"

const JUDGE = { slo: { errorRate: 0.01, latencyMs: 500, slowRate: 0.05 }, marginPoints: 5, falseAbortRate: 0.01, intervalSeconds: 10, inconclusive: "hold" } as const
const steps = [10, 50].map((weightPercent) => ({ weightPercent, holdSeconds: 30, maximumSeconds: 300 }))
const CANARY = canaryPlan({ kind: "canary", ...JUDGE, steps, queries: {} }, "sha256:new")
const SWITCH = blueGreenPlan({ kind: "blueGreen", ...JUDGE, watchSeconds: 30, maximumSeconds: 300, keepSeconds: 120 }, "sha256:new")
const OPTIONS: LeadOptions = { takenUp: false, untilWeight: false, limitSeconds: 7200 }

const first = (plan: RolloutPlan): RolloutState => {
  const start = startRollout(plan, null)
  if (start.kind === "refused") throw new Error(start.reason)
  return start.state
}
const portsFor = (plan: RolloutPlan, faults: WorldFaults = {}): FakePorts => new FakePorts(new FakeWorld(faults), first(plan))
const lead = (plan: RolloutPlan, ports: FakePorts, options: Partial<LeadOptions> = {}) => leadRollout(plan, ports.state, ports, { ...OPTIONS, ...options })
const moves = ({ world }: FakePorts): string[] => world.log.filter((line, index) => line !== "sample" && line !== world.log[index - 1])

describe("the controller", () => {
  it("leads a good release to its end, and tells each step", async () => {
    const ports = portsFor(CANARY)
    expect(await lead(CANARY, ports)).toMatchObject({ phase: "promoted", ending: { verdict: "passed" } })
    expect(moves(ports)).toEqual(["scale-canary", "await-ready", "smoke", "weight 10", "scale-canary", "await-ready", "weight 50", "scale-canary", "await-ready", "weight 100", "update-stable", "weight 0", "remove-idle"])
    expect(ports.said).toContainEqual(expect.stringMatching(/^step 2 of 3, 50 %: observed 50 %, canary 0 of \d+ \(0 %\) errors: /))
    // By the traffic that there is, before it is moved.
    expect(ports.said).toContainEqual("step 1 of 3, 10 %: weight, needs at 10 %: 272 requests to the canary, 2720 in all, about 55 s at 3000 a minute")
    expect(ports.sentTo).toEqual(["everybody", "nobody"])
    expect(ports.world.lostTraffic).toBe(0)
  })

  it("takes a bad one back, with the last words of its pods once the traffic is away", async () => {
    const ports = portsFor(CANARY, { canaryErrorRate: 0.05 })
    expect(await lead(CANARY, ports)).toMatchObject({ phase: "aborted", ending: { verdict: "failed" } })
    expect(ports.world.weight).toBe(0)
    expect(ports.said).toContain("last words")
    expect(ports.said).toContainEqual(expect.stringMatching(/^failed: errors: canary \d+ of \d+/))
  })

  it("stops before the first traffic where it is told to, and goes on from there", async () => {
    const ports = portsFor(CANARY)
    expect(await lead(CANARY, ports, { untilWeight: true })).toMatchObject({ phase: "weight", step: 0 })
    expect(moves(ports)).toEqual(["scale-canary", "await-ready", "smoke"])
    expect((await lead(CANARY, ports, { takenUp: true })).phase).toBe("promoted")
  })

  it("ends by itself, the traffic away, before the stage's time is over", async () => {
    const ports = portsFor(CANARY, { requestsPerSecond: 0.2 })
    const state = await lead(CANARY, ports, { limitSeconds: 500 })
    expect(state).toMatchObject({ phase: "aborted", ending: { verdict: "inconclusive", reason: expect.stringMatching(/not at its end after 500 s, the stage's time: asked for 10 %, .*too few to know the weight/) } })
    expect(ports.world.weight).toBe(0)
  })

  it("obeys a person within a second, also while it waits", async () => {
    const ports = portsFor(CANARY)
    ports.atSave = (saves) => {
      if (saves === 6) ports.commandsGiven = [{ id: "1", command: "abort", by: "ann", reason: "orders look wrong" }]
    }
    const state = await lead(CANARY, ports)
    expect(state).toMatchObject({ phase: "aborted", ending: { reason: "aborted by ann: orders look wrong" } })
    expect(ports.commandsGiven).toEqual([])
  })

  it("obeys one also while it waits for pods, which is then broken off", async () => {
    const ports = portsFor(CANARY)
    ports.atAwaitReady = (broken) =>
      new Promise((resolve) => {
        ports.commandsGiven = [{ id: "1", command: "abort", by: "ann", reason: "orders look wrong" }]
        broken.addEventListener("abort", () => resolve({ kind: "done" }))
      })
    expect(await lead(CANARY, ports)).toMatchObject({ phase: "aborted", ending: { reason: "aborted by ann: orders look wrong" } })
    expect(ports.world.log).not.toContain("weight 10")
  })

  it("watches the users of a canary also while the pods of its next step come up, and takes it back for what they meet", async () => {
    const ports = portsFor(CANARY, { canaryErrorRate: 0.2, breaksAfterSeconds: 120 })
    ports.atAwaitReady = (broken) => {
      if (ports.state.step === 0) return null
      // These pods never come; the canary that is there breaks meanwhile.
      return new Promise((resolve) => broken.addEventListener("abort", () => resolve({ kind: "done" })))
    }
    const state = await lead(CANARY, ports)
    expect(state).toMatchObject({ phase: "aborted", step: 1, ending: { verdict: "failed", reason: expect.stringMatching(/^errors: canary \d+ of \d+/) } })
    expect(ports.world.weight).toBe(0)
  })

  it("sets the weight again when the cluster has taken it away, with the evidence that there is", async () => {
    const ports = portsFor(CANARY)
    let told = false
    ports.carriedNow = () => {
      if (!told && ports.world.seconds >= 1040) ports.withdraw()
      told ||= ports.withdrawn
      return { kind: "done" }
    }
    expect((await lead(CANARY, ports)).phase).toBe("promoted")
    expect(ports.world.log.filter((line) => line === "weight 10").length).toBe(2)
    expect(ports.said).toContainEqual(expect.stringMatching(/^the dead man's switch has taken the traffic away/))
  })

  it("tells why a command is refused, and goes on", async () => {
    const ports = portsFor(CANARY)
    ports.commandsGiven = [{ id: "1", command: "promote", by: "ann", reason: "" }]
    expect((await lead(CANARY, ports)).phase).toBe("promoted")
    expect(ports.said).toContainEqual(expect.stringMatching(/^promote by ann refused: expected a reason/))
  })

  it("tells what a step needs also where no traffic can be measured before it", async () => {
    const ports = portsFor(CANARY, { blind: [0, 20] })
    expect((await lead(CANARY, ports)).phase).toBe("promoted")
    expect(ports.said).toContainEqual("step 1 of 3, 10 %: weight, needs at 10 %: 272 requests to the canary, 2720 in all, no traffic measured yet")
  })

  it.each([120, 600, 3600])("keeps the old colour for its %i s, and not for longer", async (keepSeconds) => {
    const plan = { ...SWITCH, keepSeconds }
    const ports = portsFor(plan)
    expect((await lead(plan, ports)).phase).toBe("promoted")
    const kept = ports.saved.filter(({ phase }) => phase === "keep")
    const [first, last] = [kept[0]?.atSeconds ?? 0, kept.at(-1)?.atSeconds ?? 0]
    expect(last - first).toBeGreaterThanOrEqual(keepSeconds - 11)
    expect(last - first).toBeLessThanOrEqual(keepSeconds + 11)
  })

  it("keeps the old colour for less where the stage's time is over, and does not take a good one back for that", async () => {
    const plan = { ...SWITCH, keepSeconds: 3600 }
    const state = await lead(plan, portsFor(plan), { limitSeconds: 600 })
    expect(state).toMatchObject({ phase: "promoted", ending: { verdict: "passed" } })
    expect(state.decisions).toContainEqual(expect.objectContaining({ what: "kept for less" }))
  })

  it("takes the dead man's switch off a new colour that was found good, while the old one is kept", async () => {
    const ports = portsFor(SWITCH)
    expect((await lead(SWITCH, ports)).phase).toBe("promoted")
    expect(ports.disarmed).toBe(true)
  })

  it.each<[string, WorldFaults, RegExp]>([
    ["counters that cannot be had", { blind: [20, 1e9] }, /no counters for \d+ s while the canary carries traffic: Prometheus does not answer/],
    ["a router that ignores weights", { ignoresWeights: true }, /the router does not give the weight/],
  ])("ends with an error for %s", async (_, faults, reason) => {
    const ports = portsFor(CANARY, faults)
    expect(await lead(CANARY, ports)).toMatchObject({ phase: "aborted", ending: { verdict: "error", reason: expect.stringMatching(reason) } })
    expect(ports.world.weight).toBe(0)
  })
})

describe("what has no traffic and cannot be taken away", () => {
  const stuck = async (plan: RolloutPlan) => {
    const ports = portsFor(plan, { fails: { "remove-idle": "surroundings" } })
    const state = await lead(plan, ports)
    return { state, ports, tries: ports.world.log.filter((line) => line === "remove-idle").length }
  }

  it.each([["canary", CANARY], ["blue/green", SWITCH]] as const)("of a %s is told after some tries, few enough for the revisions that Helm keeps, and the same release tries again", async (_, plan) => {
    const { state, ports, tries } = await stuck(plan)
    expect(state).toMatchObject({ phase: "stranded", stuckIn: "remove", ending: { verdict: "error", told: expect.stringMatching(/is the new release; what has no traffic cannot be taken away$/) } })
    expect(tries).toBeLessThan(18)
    const again = startRollout(plan, state)
    expect(again).toMatchObject({ kind: "taken-up", state: { phase: "remove" } })
    const next = new FakePorts(new FakeWorld(), (again as { state: RolloutState }).state)
    expect(await lead(plan, next, { takenUp: true })).toMatchObject({ phase: "promoted", ending: { verdict: "passed" } })
    expect(ports.world.lostTraffic).toBe(0)
  })

  it("keeps no next canary from being begun; of a colour nobody would know which one is idle", async () => {
    const next = (plan: RolloutPlan) => ({ ...plan, release: "sha256:next" })
    expect(startRollout(next(CANARY), (await stuck(CANARY)).state)).toMatchObject({ kind: "started", state: { phase: "scale", release: "sha256:next" } })
    expect(startRollout(next(SWITCH), (await stuck(SWITCH)).state)).toEqual({ kind: "refused", reason: expect.stringMatching(/was promoted, and what has no traffic could not be taken away .*run the same release again, or roll back/) })
  })
})

describe("where pods carry the weight", () => {
  const by = (carries: (weightPercent: number) => number, faults: WorldFaults = {}): FakePorts => {
    const ports = portsFor(CANARY, faults)
    ports.carries = carries
    return ports
  }

  it("says and judges what they carry, and not what was asked for", async () => {
    const ports = by((weightPercent) => ({ 10: 12.5, 50: 50 })[weightPercent] ?? 100)
    const state = await lead(CANARY, ports)
    expect(state).toMatchObject({ phase: "promoted", weights: [12.5, 50, 100, 0].map((weightPercent) => ({ weightPercent })) })
    expect(ports.said).toContainEqual(expect.stringMatching(/^step 1 of 3, 12\.5 %: observed 1[23] %, canary 0 of \d+ /))
    expect(ports.said.some((line) => /^step 1 of 3, 10 %: (observe|measure|ready|observed)/.test(line))).toBe(false)
    expect(state.decisions.map(({ what }) => what)).toContain("enough at 12.5 %")
    expect([...new Set(state.timeline.map(({ weightPercent }) => weightPercent))]).toEqual([12.5, 50, 100])
  })

  it("tells when a pod that came or went has moved it, and counts the share anew", async () => {
    const ports = by((weightPercent) => weightPercent)
    ports.carriedNow = (weightPercent) => {
      const isLater = weightPercent === 10 && ports.world.seconds > 1040
      if (isLater) ports.world.weight = 9.1
      return { kind: "done", weightPercent: isLater ? 9.1 : weightPercent }
    }
    const state = await lead(CANARY, ports)
    expect(state.phase).toBe("promoted")
    expect(state.weights.map(({ weightPercent }) => weightPercent)).toEqual([10, 9.1, 50, 100, 0])
    expect(state.decisions).toContainEqual(expect.objectContaining({ what: "weight moved by its pods", reason: "10 % before, 9.1 % now" }))
    const seen = ports.saved.map(({ carriedPercent, observed }) => ({ carriedPercent, requests: observed.canary + observed.stable }))
    const at = seen.findIndex(({ carriedPercent }) => carriedPercent === 9.1)
    expect(seen[at]?.requests).toBeLessThan(seen[at - 1]?.requests ?? 0)
  })

  it.each<["release" | "surroundings", string]>([["release", "failed"], ["surroundings", "error"]])("takes it back when they cannot carry it any more: the %s's fault is %s", async (fault, verdict) => {
    const ports = by((weightPercent) => weightPercent)
    ports.carriedNow = (weightPercent) => (weightPercent === 50 ? impossible(fault, "pod shop-web-canary-x has crashed under its traffic") : { kind: "done", weightPercent })
    expect(await lead(CANARY, ports)).toMatchObject({ phase: "aborted", ending: { verdict, reason: expect.stringContaining("pod shop-web-canary-x has crashed under its traffic") } })
    expect(ports.world.weight).toBe(0)
  })

  it("does not believe a share that is not theirs", async () => {
    const ports = by((weightPercent) => weightPercent, { ignoresWeights: true })
    expect(await lead(CANARY, ports)).toMatchObject({ phase: "aborted", ending: { verdict: "error", reason: expect.stringMatching(/the pods do not get the share of their number, or not all of them are scraped: asked for 10 %, observed 0 %/) } })
  })
})

describe("a controller that is killed", () => {
  it("tells the cluster not to take the traffic away where the canary has to keep it, and is ended by who has seen to the cause", async () => {
    const fails = { "update-stable": "release", "restore-stable": "release" } as const
    const ports = portsFor(CANARY, { fails })
    const stuck = await lead(CANARY, ports)
    expect([stuck.phase, ports.world.weight, ports.disarmed]).toEqual(["stranded", 100, true])
    const mended = new FakePorts(new FakeWorld(), unstranded(stuck))
    expect(await lead(CANARY, mended, { takenUp: true })).toMatchObject({ phase: "aborted" })
    expect([mended.world.weight, moves(mended).slice(0, 2)]).toEqual([0, ["restore-stable", "weight 0"]])
  })

  it.each([["canary", CANARY], ["blue/green", SWITCH]] as const)("lets the cluster take a bad %s away, or leaves it where that was done, where its own way back is stuck", async (_, plan) => {
    const ports = portsFor(plan, { canaryErrorRate: 0.3, breaksAtPercent: 100 })
    const { setWeight } = ports.cluster
    ports.cluster.setWeight = async (weightPercent) => {
      if (weightPercent > 0) return setWeight(weightPercent)
      if (ports.state.phaseSeconds > 60) ports.withdraw()
      throw new Error("an admission webhook does not answer")
    }
    expect(await lead(plan, ports)).toMatchObject({ phase: "stranded", stuckIn: "withdraw", ending: { verdict: "error", reason: expect.stringMatching(/withdraw cannot be done: an admission webhook/) } })
    expect([ports.world.weight, ports.disarmed]).toEqual([0, false])
    const mended = new FakePorts(ports.world, unstranded(ports.state))
    expect(await lead(plan, mended, { takenUp: true })).toMatchObject({ phase: "aborted" })
  })

  it.each(["ready", "update-stable", "restore-stable"] as const)("has its deadline renewed by the next one also in %s, where no weight is set", async (phase) => {
    const ports = portsFor(CANARY)
    ports.world.weight = 10
    const called: string[] = []
    const { takeOver, setWeight } = ports.cluster
    Object.assign(ports.cluster, { takeOver: () => (called.push("taken over"), takeOver()), setWeight: (weightPercent: number) => (called.push(`weight ${weightPercent}`), setWeight(weightPercent)) })
    ports.state = { ...ports.state, phase, step: 1, seconds: 200, weights: [{ seconds: 1, weightPercent: 10 }] }
    await lead(CANARY, ports, { takenUp: true })
    expect(called[0]).toBe("taken over")
  })

  it("knows that the cluster was quicker, and what the weight is then", async () => {
    const ports = portsFor(CANARY)
    ports.state = { ...ports.state, phase: "ready", step: 1, seconds: 200, weights: [{ seconds: 1, weightPercent: 10 }] }
    ports.world.canaryUp = true
    ports.withdraw()
    const end = await lead(CANARY, ports, { takenUp: true })
    expect(end.weights.slice(0, 3)).toMatchObject([{ weightPercent: 10 }, { weightPercent: 0 }, { weightPercent: 50 }])
    expect(end.decisions).toContainEqual(expect.objectContaining({ by: "dead man's switch", what: "weight 0" }))
    expect([end.phase, ports.world.lostTraffic]).toEqual(["promoted", 0])
  })

  it.each([["canary", CANARY, {}, "promoted"], ["blue/green", SWITCH, {}, "promoted"], ["bad canary", CANARY, { canaryErrorRate: 0.05 }, "aborted"]] as const)("at any write of a %s: another one ends it, and no request is lost", async (_, plan, faults, end) => {
    const undisturbed = portsFor(plan, faults)
    await lead(plan, undisturbed)
    // What the action did has been done, and that it was done is not written down; or is, and nothing comes of it.
    for (const [when, killed] of undisturbed.saved.flatMap((_, index) => [["atSave", index] as const, ["afterSave", index] as const])) {
      if (when === "afterSave" && killed === undisturbed.saved.length - 1) continue
      const ports = portsFor(plan, faults)
      ports[when] = (saves) => {
        if (saves === killed) throw new Killed()
      }
      await expect(lead(plan, ports)).rejects.toThrow(Killed)
      ports[when] = () => undefined
      ports.letCome(600)
      const state = await lead(plan, ports, { takenUp: true })
      // What the last state claims is what the route gives: the old colour goes only from beside one that has everything.
      expect([when, killed, state.phase, ports.world.lostTraffic, ports.world.weight]).toEqual([when, killed, end, 0, plan === SWITCH ? 100 : 0])
    }
  })
})
