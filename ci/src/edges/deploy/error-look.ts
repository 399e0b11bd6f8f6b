import { countedSince, countedWithin, judgeErrors, newestSample, parseSeries, requestsQuery, type CounterSeries, type ErrorJudgement } from "../../core/deploy/error-look.js"
import type { HelmRelease } from "../../core/deploy/helm.js"

const COUNTERS_MS = 5000
const COUNT_AGAIN_MS = 1000
const LOOK_SECONDS = 12
// Without a single request by then nobody is there to be served.
const QUIET_SECONDS = 5

/** Where the gateway's counters are, and how many errors are too many. */
export interface ErrorSource {
  readonly prometheusUrl: string
  readonly errorRate: number
}

/** What was counted before the first write; the end of a deployment is held against it. */
export interface ErrorBaseline {
  readonly source: ErrorSource
  readonly series: readonly CounterSeries[]
}

/** The counters of the minute before; a text says why there are none to look at. */
export async function errorBaseline(source: ErrorSource, release: HelmRelease): Promise<ErrorBaseline | string> {
  try {
    return { source, series: await readSeries(source, release) }
  } catch (error) {
    return `errors not judged: Prometheus cannot be asked (${error instanceof Error ? error.message : String(error)})`
  }
}

/** Watches the errors of the release that serves now, until they are too many beyond chance or the time is over. */
export async function lookAtErrors({ source, series: before }: ErrorBaseline, release: HelmRelease): Promise<ErrorJudgement> {
  const baseline = countedWithin(before)
  try {
    const first = await readSeries(source, release)
    const started = Date.now()
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, COUNT_AGAIN_MS))
      const now = await readSeries(source, release)
      const seconds = Math.round((Date.now() - started) / 1000)
      const fresh = (newestSample(now) ?? 0) > (newestSample(first) ?? 0)
      const after = countedSince(first, now)
      const judged = judgeErrors({ baseline, after, limit: source.errorRate, seconds })
      if (judged.bad) return judged
      if (fresh && after.total === 0 && seconds >= QUIET_SECONDS) return judged
      if (seconds >= LOOK_SECONDS) return fresh ? judged : { bad: false, text: `errors not judged: Prometheus has taken no new sample of the gateway in ${seconds} s` }
    }
  } catch (error) {
    return { bad: false, text: `errors not judged: Prometheus cannot be asked (${error instanceof Error ? error.message : String(error)})` }
  }
}

async function readSeries({ prometheusUrl }: ErrorSource, { namespace, name }: HelmRelease): Promise<readonly CounterSeries[]> {
  const url = new URL(`${prometheusUrl.replace(/\/$/, "")}/api/v1/query`)
  url.searchParams.set("query", requestsQuery(namespace, name))
  const answer = await fetch(url, { signal: AbortSignal.timeout(COUNTERS_MS) })
  return parseSeries(await answer.text())
}
