/** Raw counters of one version at one moment, a number for each series; a series that is not there counts as 0. */
export interface TrackCounters {
  readonly requests: Readonly<Record<string, number>>
  readonly errors: Readonly<Record<string, number>>
  /** Answers within the latency limit; null where latency is not measured. */
  readonly fast: Readonly<Record<string, number>> | null
}

export interface CounterSnapshot {
  /** When the newest series was scraped, by the clock of the metrics' store. */
  readonly atSeconds: number
  readonly canary: TrackCounters
  readonly stable: TrackCounters
  /** Answers that the gateway gave itself because the canary had no endpoint: no counter of a service has them. */
  readonly gateway: Readonly<Record<string, number>>
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
}

export type CountedInterval =
  | { readonly kind: "counted"; readonly counts: IntervalCounts; readonly resets: readonly string[] }
  | { readonly kind: "no-data"; readonly reason: string }

/**
 * What happened between two snapshots. Raw counters are subtracted, for `increase()` does not see the first burst of a
 * new series: a canary's first errors would read as none.
 */
export function countInterval(before: CounterSnapshot, after: CounterSnapshot): CountedInterval {
  const broken = brokenSeries(before) ?? brokenSeries(after)
  if (broken !== null) return noData(broken)
  if (after.atSeconds <= before.atSeconds) return noData(`stale: the newest series is still of second ${before.atSeconds}`)
  if (Object.keys(after.canary.requests).length + Object.keys(after.stable.requests).length === 0) return noData("no series at all, of neither version")
  const resets: string[] = []
  const unserved = difference(before.gateway, after.gateway, resets)
  const served = trackCounts(before.canary, after.canary, resets)
  const canary = { ...served, requests: served.requests + unserved, errors: served.errors + unserved }
  const stable = trackCounts(before.stable, after.stable, resets)
  const wrong = contradiction("canary", canary) ?? contradiction("stable", stable)
  return wrong === null ? { kind: "counted", counts: { canary, stable }, resets } : noData(wrong)
}

/**
 * Where the next interval begins: the newest counters, and of a series that is missing there the last ones that were seen. A gateway's replica that was
 * not scraped for a while comes back with all that it has ever counted, also of rollouts long past; counted from 0 that would be a burst of errors.
 */
export function nextBaseline(before: CounterSnapshot, after: CounterSnapshot): CounterSnapshot {
  const track = (of: "canary" | "stable"): TrackCounters => ({
    requests: { ...before[of].requests, ...after[of].requests },
    errors: { ...before[of].errors, ...after[of].errors },
    fast: after[of].fast === null ? before[of].fast : { ...before[of].fast, ...after[of].fast },
  })
  return { atSeconds: after.atSeconds, canary: track("canary"), stable: track("stable"), gateway: { ...before.gateway, ...after.gateway } }
}

function trackCounts(before: TrackCounters, after: TrackCounters, resets: string[]): TrackCounts {
  const requests = difference(before.requests, after.requests, resets)
  const errors = difference(before.errors, after.errors, resets)
  if (after.fast === null) return { requests, errors, slow: null }
  return { requests, errors, slow: requests - difference(before.fast ?? {}, after.fast, resets) }
}

/** A counter that fell was reset, and has counted from 0 since; one that is gone has counted nothing more. */
function difference(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>, resets: string[]): number {
  return Object.entries(after).reduce((sum, [series, value]) => {
    const earlier = before[series] ?? 0
    if (value < earlier) resets.push(series)
    return sum + (value < earlier ? value : value - earlier)
  }, 0)
}

function brokenSeries({ atSeconds, canary, stable, gateway }: CounterSnapshot): string | null {
  if (!Number.isFinite(atSeconds)) return `expected the second of the newest series, got ${atSeconds}`
  const all = [canary.requests, canary.errors, canary.fast ?? {}, stable.requests, stable.errors, stable.fast ?? {}, gateway]
  const bad = all.flatMap((series) => Object.entries(series)).find(([, value]) => !Number.isFinite(value) || value < 0)
  return bad === undefined ? null : `expected a count in ${bad[0]}, got ${bad[1]}`
}

function contradiction(track: string, { requests, errors, slow }: TrackCounts): string | null {
  if (errors > requests) return `${track}: ${errors} errors in ${requests} requests: the two queries do not count the same answers`
  if (slow !== null && slow < 0) return `${track}: ${requests - slow} fast answers in ${requests} requests: the two queries do not count the same answers`
  return null
}

function noData(reason: string): CountedInterval {
  return { kind: "no-data", reason }
}
