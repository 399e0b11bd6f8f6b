import { describe, expect, it, vi } from "vitest"
import { ArmedRoute } from "../../controller/src/armed-route.js"
import type { TrackRoute } from "../../src/edges/canary/track-route.js"

/** What has the weights, in memory. */
class FakeRoute {
  readonly written: string[] = []

  constructor(
    public deadline: string | null,
    public withdrawn: string | null,
  ) {}

  async setWeight(track: string, weightPercent: number, deadline: string | null): Promise<void> {
    this.written.push(`${track} ${weightPercent}`)
    this.deadline = deadline
    this.withdrawn = null
  }

  async renew(deadline: string): Promise<void> {
    this.written.push("renewed")
    this.deadline = deadline
  }

  isArmed = async (): Promise<boolean> => this.deadline !== null
  isWithdrawn = async (): Promise<boolean> => this.withdrawn !== null
}

const lease = (isHeld: boolean) => ({ holder: "run-1", waitedMs: 0, assertHeld: () => { if (!isHeld) throw new Error("the Lease is lost") }, release: async () => undefined })
const withRoute = async (marks: { deadline?: string; withdrawn?: string; isHeld?: boolean }, work: (armed: ArmedRoute, route: FakeRoute) => Promise<void>): Promise<void> => {
  const route = new FakeRoute(marks.deadline ?? null, marks.withdrawn ?? null)
  const armed = new ArmedRoute(route as unknown as TrackRoute, "canary", lease(marks.isHeld ?? true), () => undefined, async () => Date.now())
  try {
    await work(armed, route)
  } finally {
    armed.close()
  }
}

describe("whoever takes a rollout over", () => {
  it("renews at once the deadline that another one has set, and goes on with that", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] })
    try {
      await withRoute({ deadline: "2026-12-01T00:00:00Z" }, async (armed, route) => {
        expect(await armed.takeOver()).toEqual({ withdrawn: false })
        expect(route.written).toEqual(["renewed"])
        expect(Date.parse(route.deadline ?? "")).toBeGreaterThan(Date.now())
        vi.advanceTimersByTime(10_000)
        for (let tries = 0; tries < 200 && route.written.length < 2; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10))
        expect(route.written).toEqual(["renewed", "renewed"])
      })
    } finally {
      vi.useRealTimers()
    }
  })

  it("is told that the cluster was quicker", () =>
    withRoute({ withdrawn: "2026-12-01T00:00:00Z" }, async (armed, route) => {
      expect(await armed.takeOver()).toEqual({ withdrawn: true })
      expect(route.written).toEqual([])
    }))

  it("sets no deadline where none was: that traffic was to stay", () =>
    withRoute({}, async (armed, route) => {
      expect(await armed.takeOver()).toEqual({ withdrawn: false })
      expect([route.deadline, route.written]).toEqual([null, []])
    }))
})

describe("whoever has lost the Lease", () => {
  it("writes nothing: no weight, no deadline of another's, and takes none off", () =>
    withRoute({ deadline: "2026-12-01T00:00:00Z", isHeld: false }, async (armed, route) => {
      for (const write of [() => armed.setWeight(0), () => armed.takeOver(), () => armed.disarm()]) await expect(write()).rejects.toThrow("the Lease is lost")
      expect(route.written).toEqual([])
    }))
})
