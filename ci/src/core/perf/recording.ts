/** One interval of a load test, as k6 measured it. Null where nothing was. */
export interface LoadPoint {
  /** End of the interval, since the start of the load. */
  readonly seconds: number
  readonly requestsPerSecond: number
  readonly iterationsPerSecond: number
  readonly p50Milliseconds: number | null
  readonly p95Milliseconds: number | null
  readonly p99Milliseconds: number | null
  /** Share of failed requests, 0 to 1. */
  readonly errorRate: number | null
  /** Null before k6 has counted them for the first time. */
  readonly users: number | null
  readonly dropped: number
}

export interface LoadTotals {
  readonly requests: number
  readonly iterations: number
  readonly p95Milliseconds: number | null
  readonly errorRate: number | null
}

/** What k6's recording tells; also of a test that was broken off. */
export interface LoadSeries {
  /** Milliseconds since 1970, UTC; null when nothing was recorded. */
  readonly startedAtMs: number | null
  readonly seconds: number
  /** Came to its end, in whichever way. */
  readonly ended: boolean
  readonly points: readonly LoadPoint[]
  readonly totals: LoadTotals | null
}

type Row = Readonly<Record<string, Readonly<Record<string, number>>>>

/**
 * Reads the recording of k6's dashboard: one JSON object a line. `metric` events name the metrics; `snapshot` (one interval) and
 * `cumulative` (all so far) have a list of values for each metric known by then, in the order of their names.
 */
export function readRecording(text: string): LoadSeries {
  const types = new Map<string, string>()
  let aggregates: Readonly<Record<string, readonly string[]>> = {}
  let startedAtMs: number | null = null
  let totals: Row | null = null
  let ended = false
  const snapshots: Row[] = []
  for (const line of text.split("\n")) {
    const event = parseEvent(line)
    if (event === null) continue
    const { data } = event
    switch (event.event) {
      case "param":
        aggregates = (data as { aggregates?: typeof aggregates }).aggregates ?? {}
        break
      case "metric":
        for (const [name, { type }] of Object.entries(data as Record<string, { type: string }>)) types.set(name, type)
        break
      case "start":
        startedAtMs = (data as number[][])[0]?.[0] ?? null
        break
      case "snapshot": {
        const row = namedValues(data as number[][], types, aggregates)
        // A gauge that nobody touched in an interval is left out, and is what it was.
        snapshots.push({ ...gaugesOf(snapshots.at(-1)), ...row })
        break
      }
      case "cumulative":
        totals = namedValues(data as number[][], types, aggregates)
        break
      case "stop":
        ended = true
        break
    }
  }
  const begin = startedAtMs ?? 0
  const points = snapshots.map((row, index) => loadPoint(row, begin, index === 0 ? begin : (timeOf(snapshots[index - 1]) ?? begin))).filter((point) => point.seconds > 0)
  return { startedAtMs, seconds: points.at(-1)?.seconds ?? 0, ended, points, totals: totals === null ? null : loadTotals(totals) }
}

/** The last line of a recording that was broken off may be half a line. */
function parseEvent(line: string): { readonly event: string; readonly data: unknown } | null {
  if (line === "") return null
  try {
    return JSON.parse(line) as { event: string; data: unknown }
  } catch {
    return null
  }
}

function namedValues(data: readonly (readonly number[])[], types: ReadonlyMap<string, string>, aggregates: Readonly<Record<string, readonly string[]>>): Row {
  const names = [...types.keys()].sort()
  return Object.fromEntries(
    names.slice(0, data.length).map((name, index) => {
      const stats = aggregates[types.get(name) ?? ""] ?? []
      const values = data[index] ?? []
      return [name, Object.fromEntries(stats.slice(0, values.length).map((stat, place) => [stat, values[place] ?? 0]))] as const
    }).filter(([, values]) => Object.keys(values).length > 0),
  )
}

const gaugesOf = (row: Row | undefined): Row => (row?.["vus"] === undefined ? {} : { vus: row["vus"] })

const timeOf = (row: Row | undefined): number | null => row?.["time"]?.["value"] ?? null

function loadPoint(row: Row, beginMs: number, beforeMs: number): LoadPoint {
  const at = timeOf(row) ?? beforeMs
  const seconds = Math.max((at - beforeMs) / 1000, 0.001)
  const count = (metric: string): number => row[metric]?.["count"] ?? 0
  const measured = count("http_reqs") > 0
  const latency = (stat: string): number | null => (measured ? (row["http_req_duration"]?.[stat] ?? null) : null)
  return {
    seconds: (at - beginMs) / 1000,
    requestsPerSecond: count("http_reqs") / seconds,
    iterationsPerSecond: count("iterations") / seconds,
    p50Milliseconds: latency("med"),
    p95Milliseconds: latency("p(95)"),
    p99Milliseconds: latency("p(99)"),
    errorRate: measured ? (row["http_req_failed"]?.["rate"] ?? null) : null,
    users: row["vus"]?.["value"] ?? null,
    dropped: count("dropped_iterations"),
  }
}

function loadTotals(row: Row): LoadTotals {
  const requests = row["http_reqs"]?.["count"] ?? 0
  return {
    requests,
    iterations: row["iterations"]?.["count"] ?? 0,
    p95Milliseconds: requests === 0 ? null : (row["http_req_duration"]?.["p(95)"] ?? null),
    errorRate: requests === 0 ? null : (row["http_req_failed"]?.["rate"] ?? null),
  }
}
