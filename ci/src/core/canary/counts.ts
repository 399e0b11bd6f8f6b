/** Raw counters at one moment, a number for each series; a series that is not there counts as 0. */
export type Series = Readonly<Record<string, number>>

/** Answers whose time was measured, and those of them that were within the latency limit: of one histogram, so that no answer is in one of the two alone. */
export interface TimedAnswers {
  readonly all: number
  readonly fast: number
}

/** Raw counters of one version of a service. */
export interface ServiceCounters {
  readonly requests: Series
  readonly errors: Series
  /** By series; null where latency is not measured. */
  readonly times: Readonly<Record<string, TimedAnswers>> | null
}

/** Raw counters of one version, by service. */
export type TrackCounters = Readonly<Record<string, ServiceCounters>>

export interface CounterSnapshot {
  /** When the newest series was scraped, by the clock of the metrics' store. */
  readonly atSeconds: number
  /** How far apart scrapes are; null or left out where that is not known yet. */
  readonly scrapeSeconds?: number | null
  readonly canary: TrackCounters
  readonly stable: TrackCounters
  /** Answers that the gateway gave itself because the canary had no endpoint: no counter of a service has them. */
  readonly gateway: Series
}

/** What one version answered in a stretch of time. */
export interface TrackCounts {
  readonly requests: number
  readonly errors: number
  readonly slow: number | null
}

export interface IntervalCounts {
  readonly canary: TrackCounts
  readonly stable: TrackCounts
  /** The same by service, for a small one's faults are few among all answers. */
  readonly services: Readonly<Record<string, { readonly canary: TrackCounts; readonly stable: TrackCounts }>>
}

export type CountedInterval =
  | { readonly kind: "counted"; readonly counts: IntervalCounts; readonly resets: readonly string[] }
  | { readonly kind: "no-data"; readonly reason: string }

const NO_COUNTERS: ServiceCounters = { requests: {}, errors: {}, times: {} }
const NO_COUNTS: TrackCounts = { requests: 0, errors: 0, slow: 0 }

/** Of two Prometheus that take turns one is a scrape behind: an instance whose counters together do not fall by half has not begun anew. */
const RESET_BELOW = 0.5

/**
 * What happened between two snapshots, while the canary was to have `weightPercent` of the traffic. Raw counters are subtracted, for `increase()` does not see the first burst of a
 * new series: a canary's first errors would read as none.
 */
export function countInterval(before: CounterSnapshot, after: CounterSnapshot, weightPercent: number): CountedInterval {
  const broken = brokenSeries(before) ?? brokenSeries(after)
  if (broken !== null) return noData(broken)
  if (after.atSeconds <= before.atSeconds) return noData(`stale: the newest series is still of second ${before.atSeconds}`)
  if ([...countersIn(before), ...countersIn(after)].every(({ requests }) => Object.keys(requests).length === 0)) return noData("no series at all, of neither version")
  const resets: string[] = []
  const names = [...new Set([...Object.keys(after.canary), ...Object.keys(after.stable)])]
  const restarted = restartedInstances(before, after)
  const counted = (of: "canary" | "stable", name: string): TrackCounts => serviceCounts(before[of][name] ?? NO_COUNTERS, after[of][name] ?? NO_COUNTERS, restarted, resets)
  const services = Object.fromEntries(names.map((name) => [name, { canary: counted("canary", name), stable: counted("stable", name) }]))
  const served = summed(names.map((name) => services[name]?.canary ?? NO_COUNTS))
  const stableServed = summed(names.map((name) => services[name]?.stable ?? NO_COUNTS))
  const unserved = difference(before.gateway, after.gateway, restarted, resets)
  // Nobody says whose endpoint was missing, but the router sends each its share: what is missing there was the canary's, the rest was stable's.
  const share = Math.round(((served.requests + stableServed.requests + unserved) * weightPercent) / 100)
  const ofCanary = Math.min(unserved, Math.max(0, share - served.requests))
  const [canary, stable] = [withUnserved(served, ofCanary), withUnserved(stableServed, unserved - ofCanary)]
  const wrong = contradiction("canary", canary) ?? contradiction("stable", stable)
  return wrong === null ? { kind: "counted", counts: { canary, stable, services }, resets } : noData(wrong)
}

/**
 * Where the next interval begins: the newest counters, and of a series that is missing there the last ones that were seen. A gateway's replica that was
 * not scraped for a while comes back with all that it has ever counted, also of rollouts long past; counted from 0 that would be a burst of errors.
 */
export function nextBaseline(before: CounterSnapshot, after: CounterSnapshot): CounterSnapshot {
  const restarted = restartedInstances(before, after)
  const service = (one: ServiceCounters, other: ServiceCounters): ServiceCounters => ({
    requests: newest(one.requests, other.requests, restarted),
    errors: newest(one.errors, other.errors, restarted),
    times: other.times === null ? one.times : newestTimes(one.times ?? {}, other.times, restarted),
  })
  const track = (of: "canary" | "stable"): TrackCounters =>
    Object.fromEntries([...new Set([...Object.keys(before[of]), ...Object.keys(after[of])])].map((name) => [name, service(before[of][name] ?? NO_COUNTERS, after[of][name] ?? NO_COUNTERS)]))
  return { atSeconds: after.atSeconds, scrapeSeconds: after.scrapeSeconds ?? before.scrapeSeconds ?? null, canary: track("canary"), stable: track("stable"), gateway: newest(before.gateway, after.gateway, restarted) }
}

/** Of each series where to count from: what is only a little lower is older, and would be counted twice. */
function newest(before: Series, after: Series, restarted: Restarted): Series {
  return { ...before, ...Object.fromEntries(Object.entries(after).map(([series, value]) => [series, restarted.has(instanceOf(series)) ? value : Math.max(value, before[series] ?? 0)])) }
}

function newestTimes(before: NonNullable<ServiceCounters["times"]>, after: NonNullable<ServiceCounters["times"]>, restarted: Restarted): NonNullable<ServiceCounters["times"]> {
  const of = (series: string, times: TimedAnswers): TimedAnswers => (restarted.has(instanceOf(series)) || times.all >= (before[series]?.all ?? 0) ? times : (before[series] ?? times))
  return { ...before, ...Object.fromEntries(Object.entries(after).map(([series, times]) => [series, of(series, times)])) }
}

function withUnserved({ requests, errors, slow }: TrackCounts, unserved: number): TrackCounts {
  return { requests: requests + unserved, errors: errors + unserved, slow }
}

function serviceCounts(before: ServiceCounters, after: ServiceCounters, restarted: Restarted, resets: string[]): TrackCounts {
  const requests = difference(before.requests, after.requests, restarted, resets)
  const errors = difference(before.errors, after.errors, restarted, resets)
  if (after.times === null) return { requests, errors, slow: null }
  // A histogram and a counter of the same answers are read one after the other: by an answer or two they may differ.
  return { requests, errors, slow: Math.min(requests, slowAnswers(before.times ?? {}, after.times, restarted)) }
}

/** A counter that fell with its instance was reset, and has counted from 0 since; one that is gone has counted nothing more. */
function difference(before: Series, after: Series, restarted: Restarted, resets: string[]): number {
  return Object.entries(after).reduce((sum, [series, value]) => {
    const earlier = before[series] ?? 0
    const isReset = value < earlier && restarted.has(instanceOf(series))
    if (isReset) resets.push(series)
    return sum + (isReset ? value : Math.max(0, value - earlier))
  }, 0)
}

/** Of a histogram the count of all its answers tells a reset: the others fall with it. */
function slowAnswers(before: NonNullable<ServiceCounters["times"]>, after: NonNullable<ServiceCounters["times"]>, restarted: Restarted): number {
  return Object.entries(after).reduce((sum, [series, { all, fast }]) => {
    const earlier = before[series]
    const from = earlier === undefined || (all < earlier.all && restarted.has(instanceOf(series))) ? { all: 0, fast: 0 } : earlier
    return sum + Math.max(0, all - from.all - (fast - from.fast))
  }, 0)
}

type Restarted = ReadonlySet<string>

/** Instances that have begun anew. All of their counters fall at once, so they are looked at together: one small series falls by half when it is a scrape behind. */
function restartedInstances(before: CounterSnapshot, after: CounterSnapshot): Restarted {
  const pairs = [...(["canary", "stable"] as const).flatMap((of) => Object.entries(after[of]).map(([name, { requests }]) => [before[of][name]?.requests ?? {}, requests] as const)), [before.gateway, after.gateway] as const]
  const sums = new Map<string, { before: number; after: number }>()
  for (const [earlier, later] of pairs) {
    for (const [series, value] of Object.entries(later)) {
      const sum = sums.get(instanceOf(series)) ?? { before: 0, after: 0 }
      // What was not there before says nothing.
      if (series in earlier) sums.set(instanceOf(series), { before: sum.before + (earlier[series] ?? 0), after: sum.after + value })
    }
  }
  return new Set([...sums].flatMap(([instance, sum]) => (sum.after < sum.before * RESET_BELOW ? [instance] : [])))
}

/** Whoever has counted, out of a series' labels: a replica of the gateway, a pod. */
function instanceOf(series: string): string {
  return /"(?:instance|pod)":"([^"]*)"/.exec(series)?.[1] ?? /^gateway (.*)/.exec(series)?.[1] ?? ""
}

function summed(counts: readonly TrackCounts[]): TrackCounts {
  return counts.reduce((sum, { requests, errors, slow }) => ({ requests: sum.requests + requests, errors: sum.errors + errors, slow: sum.slow === null || slow === null ? null : sum.slow + slow }), NO_COUNTS)
}

const countersIn = ({ canary, stable }: CounterSnapshot): readonly ServiceCounters[] => [canary, stable].flatMap((track) => Object.values(track))

function brokenSeries(snapshot: CounterSnapshot): string | null {
  const { atSeconds, gateway } = snapshot
  if (!Number.isFinite(atSeconds)) return `expected the second of the newest series, got ${atSeconds}`
  const services = countersIn(snapshot)
  const times = services.flatMap((service) => Object.entries(service.times ?? {})).flatMap(([series, { all, fast }]) => [[series, all] as const, [series, fast] as const])
  const all = [...services.flatMap(({ requests, errors }) => [requests, errors]), gateway].flatMap((series) => Object.entries(series))
  const bad = [...all, ...times].find(([, value]) => !Number.isFinite(value) || value < 0)
  return bad === undefined ? null : `expected a count in ${bad[0]}, got ${bad[1]}`
}

function contradiction(track: string, { requests, errors }: TrackCounts): string | null {
  return errors > requests ? `${track}: ${errors} errors in ${requests} requests: the two queries do not count the same answers` : null
}

function noData(reason: string): CountedInterval {
  return { kind: "no-data", reason }
}
