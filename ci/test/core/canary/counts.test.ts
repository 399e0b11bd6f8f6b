import { describe, expect, it } from "vitest"
import { countInterval as countAt, nextBaseline, type CounterSnapshot, type ServiceCounters, type TrackCounters } from "../../../src/core/canary/counts.js"

const snapshot = (atSeconds: number, parts: Partial<CounterSnapshot> = {}): CounterSnapshot => ({ atSeconds, canary: {}, stable: {}, gateway: {}, ...parts })
const service = (parts: Partial<ServiceCounters>): ServiceCounters => ({ requests: {}, errors: {}, times: null, ...parts })
const track = (requests: number, errors: number, fast: number | null = null, timed = requests): TrackCounters => ({
  web: {
    requests: { 'requests{pod="a"}': requests },
    errors: errors === 0 ? {} : { 'errors{pod="a"}': errors },
    times: fast === null ? null : { 'times{pod="a"}': { all: timed, fast } },
  },
})

const countInterval = (before: CounterSnapshot, after: CounterSnapshot, weightPercent = 10) => countAt(before, after, weightPercent)

describe("what is counted between two snapshots", () => {
  it("is the difference of the raw counters, the first burst of a new series included", () => {
    const before = snapshot(0, { canary: track(100, 0, 100), stable: track(900, 9, 890) })
    const after = snapshot(10, { canary: track(150, 7, 140), stable: track(1350, 10, 1340) })
    expect(countInterval(before, after)).toEqual({
      kind: "counted",
      counts: { canary: { requests: 50, errors: 7, slow: 10 }, stable: { requests: 450, errors: 1, slow: 0 }, services: { web: { canary: { requests: 50, errors: 7, slow: 10 }, stable: { requests: 450, errors: 1, slow: 0 } } } },
      resets: [],
    })
  })

  it("counts a series that fell from 0 on, and says which", () => {
    const counted = countInterval(snapshot(0, { canary: track(1000, 50) }), snapshot(10, { canary: track(30, 2) }))
    expect(counted).toMatchObject({ counts: { canary: { requests: 30, errors: 2 } }, resets: ['requests{pod="a"}', 'errors{pod="a"}'] })
  })

  it("loses nothing of one pod when another is gone", () => {
    const before = snapshot(0, { canary: { web: service({ requests: { a: 10, b: 500 } }) } })
    expect(countInterval(before, snapshot(10, { canary: { web: service({ requests: { a: 25 } }) } }))).toMatchObject({ counts: { canary: { requests: 15 } } })
  })

  it("counts a replica that was not scraped for a while from where it was left, not with all that it has ever counted", () => {
    const replicas = (counts: Readonly<Record<string, number>>, errors: Readonly<Record<string, number>>): TrackCounters => ({ web: { requests: counts, errors, times: Object.fromEntries(Object.entries(counts).map(([name, all]) => [name, { all, fast: all }])) } })
    const two = snapshot(0, { canary: replicas({ a: 10, b: 5000 }, { b: 700 }) })
    const one = snapshot(60, { canary: replicas({ a: 25 }, {}) })
    const again = snapshot(70, { canary: replicas({ a: 30, b: 5010 }, { b: 701 }) })
    expect(countInterval(nextBaseline(two, one), again)).toMatchObject({ counts: { canary: { requests: 15, errors: 1, slow: 0 } }, resets: [] })
  })

  it("does not take a gateway for a new one where one of its small series is a scrape behind: all of them fall at once", () => {
    const of = (code: string): string => JSON.stringify({ code, instance: "gateway-1" })
    const web = (good: number, errors: number, missing: number): TrackCounters => ({ web: service({ requests: { [of("200")]: good, [of("500")]: errors, [of("404")]: missing }, errors: { [of("500")]: errors } }) })
    const before = snapshot(100, { canary: web(5000, 401, 3), stable: web(900_000, 100, 3) })
    expect(countInterval(before, snapshot(109, { canary: web(4995, 400, 1), stable: web(899_950, 100, 3) }))).toMatchObject({ counts: { canary: { requests: 0, errors: 0 }, stable: { requests: 0, errors: 0 } }, resets: [] })
    expect(countInterval(before, snapshot(109, { canary: web(12, 2, 1), stable: web(90, 0, 0) }))).toMatchObject({ counts: { canary: { requests: 15, errors: 2 }, stable: { requests: 90, errors: 0 } } })
  })

  it("takes a histogram that is an answer ahead of the requests, or behind, for what it is: nothing slow, and data all the same", () => {
    const before = snapshot(0, { canary: track(100, 0, 100) })
    expect(countInterval(before, snapshot(10, { canary: track(150, 0, 152, 152) }))).toMatchObject({ counts: { canary: { requests: 50, slow: 0 } } })
    expect(countInterval(before, snapshot(10, { canary: track(150, 0, 100, 152) }))).toMatchObject({ counts: { canary: { requests: 50, slow: 50 } } })
  })

  it("begins a histogram anew with all of it: fewer slow answers than before are no reason to count none", () => {
    expect(countInterval(snapshot(0, { canary: track(1000, 0, 990) }), snapshot(10, { canary: track(30, 0, 27) }))).toMatchObject({ counts: { canary: { requests: 30, slow: 3 } } })
  })

  it("is told by service too, in which the faults of a small one are not few among all answers", () => {
    const two = (web: number, api: number, errors: number): TrackCounters => ({ web: service({ requests: { a: web } }), api: service({ requests: { a: api }, errors: { a: errors } }) })
    const counted = countInterval(snapshot(0, { canary: two(100, 10, 1), stable: two(900, 90, 0) }), snapshot(10, { canary: two(200, 15, 3), stable: two(1800, 135, 0) }))
    expect(counted).toMatchObject({ counts: { canary: { requests: 105, errors: 2 }, services: { api: { canary: { requests: 5, errors: 2 }, stable: { requests: 45, errors: 0 } }, web: { canary: { requests: 100, errors: 0 } } } } })
  })

  it("begins small counters anew with the large ones of their instance", () => {
    const [before, after] = [track(1000, 2), track(400, 1)].map((canary, index) => snapshot(index * 10, { canary }))
    if (before === undefined || after === undefined) throw new Error("two snapshots")
    expect(countInterval(before, after)).toMatchObject({ counts: { canary: { requests: 400, errors: 1 } } })
    expect(nextBaseline(before, after).canary["web"]?.errors).toEqual({ 'errors{pod="a"}': 1 })
  })

  it("is not doubled by two Prometheus that take turns, one a scrape behind the other", () => {
    const looks = [5000, 4998, 5010, 5006, 5020].map((count, index) => snapshot(index * 10, { canary: track(count, count / 10, count - 100) }))
    let [baseline, requests, errors, slow] = [looks[0] ?? snapshot(0), 0, 0, 0]
    for (const look of looks.slice(1)) {
      const counted = countInterval(baseline, look)
      if (counted.kind !== "counted") throw new Error(counted.reason)
      requests += counted.counts.canary.requests
      errors += counted.counts.canary.errors
      slow += counted.counts.canary.slow ?? 0
      baseline = nextBaseline(baseline, look)
    }
    expect([requests, errors, slow]).toEqual([20, 2, 0])
  })

  it("counts what the gateway answered itself against the canary", () => {
    const before = snapshot(0, { canary: track(0, 0), stable: track(90, 0), gateway: { router: 3 } })
    const after = snapshot(10, { canary: track(0, 0), stable: track(180, 0), gateway: { router: 13 } })
    expect(countInterval(before, after)).toMatchObject({ counts: { canary: { requests: 10, errors: 10 }, stable: { requests: 90, errors: 0 } } })
  })

  it.each<[string, CounterSnapshot, CounterSnapshot, RegExp]>([
    ["is not a number", snapshot(0), snapshot(10, { canary: track(NaN, 0) }), /expected a count in requests\{pod="a"\}, got NaN/],
    ["is endless", snapshot(0), snapshot(10, { stable: track(Infinity, 0) }), /got Infinity/],
    ["is negative", snapshot(0), snapshot(10, { stable: track(-1, 0) }), /got -1/],
    ["is stale", snapshot(10, { canary: track(5, 0) }), snapshot(10, { canary: track(5, 0) }), /stale: the newest series is still of second 10/],
    ["is older than before", snapshot(10, { canary: track(5, 0) }), snapshot(4, { canary: track(5, 0) }), /stale/],
    ["is empty", snapshot(0), snapshot(10), /no series at all/],
    ["has more errors than requests", snapshot(0, { canary: track(0, 0) }), snapshot(10, { canary: track(3, 4) }), /canary: 4 errors in 3 requests: .*do not count the same/],
  ])("is no data when a snapshot %s", (_, before, after, reason) => {
    expect(countInterval(before, after)).toEqual({ kind: "no-data", reason: expect.stringMatching(reason) })
  })

  it("is data when nobody asked for anything: no requests, not no answer", () => {
    expect(countInterval(snapshot(0, { stable: track(5, 0) }), snapshot(10, { stable: track(5, 0) }))).toMatchObject({ counts: { canary: { requests: 0 }, stable: { requests: 0 } } })
  })
})
