// What k6 hands to handleSummary, as far as it is used here.
export type SummaryData = {
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly state: { readonly testRunDurationMs: number };
};
type Metric = {
  readonly type: string;
  readonly values: Readonly<Record<string, number>>;
  readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
};

export type Subject = {
  readonly scenario: string;
  readonly environment: string;
  readonly profile: string;
  readonly baseUrl: string;
  readonly operations: readonly string[];
};

export type Summary = ReturnType<typeof summarise>;

export function summarise(data: SummaryData, { operations, ...subject }: Subject) {
  const value = (metric: string, key: string): number | null => data.metrics[metric]?.values[key] ?? null;
  // k6 reports 0 where it has no sample; here that is null.
  const sampled = (metric: string, key: string) => (value(metric, 'count') ? value(metric, key) : null);
  const latency = (metric: string) => ({
    p50Milliseconds: sampled(metric, 'med'),
    p95Milliseconds: sampled(metric, 'p(95)'),
    p99Milliseconds: sampled(metric, 'p(99)'),
    maxMilliseconds: sampled(metric, 'max'),
  });
  const rate = (metric: string) => {
    const samples = (value(metric, 'passes') ?? 0) + (value(metric, 'fails') ?? 0);
    return samples > 0 ? value(metric, 'rate') : null;
  };
  const thresholds = Object.entries(data.metrics)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([metric, { thresholds: own = {} }]) =>
      Object.entries(own).map(([expression, { ok }]) => ({ metric, expression, passed: ok })),
    );
  return {
    schemaVersion: 1,
    ...subject,
    // Without a threshold nothing was judged: no data is never a pass.
    thresholdsPassed: thresholds.length > 0 && thresholds.every(({ passed }) => passed),
    durationSeconds: data.state.testRunDurationMs / 1000,
    requests: value('http_reqs', 'count') ?? 0,
    requestsPerSecond: value('http_reqs', 'rate') ?? 0,
    iterations: value('iterations', 'count') ?? 0,
    droppedIterations: value('dropped_iterations', 'count') ?? 0,
    errorRate: rate('http_req_failed'),
    checksRate: rate('checks'),
    latency: latency('http_req_duration'),
    operations: Object.fromEntries(
      operations.map((operation) => [
        operation,
        {
          requests: value(`http_reqs{operation:${operation}}`, 'count') ?? 0,
          latency: latency(`http_req_duration{operation:${operation}}`),
        },
      ]),
    ),
    thresholds,
  };
}

export function renderText(summary: Summary): string {
  const lines = [
    `perf ${summary.scenario}, ${summary.profile}, budget of ${summary.environment}, ${summary.baseUrl}`,
    `${summary.requests} requests in ${round(summary.durationSeconds)} s, ${summary.iterations} iterations, ` +
      `p95 ${round(summary.latency.p95Milliseconds)} ms, errors ${percent(summary.errorRate)}, checks ${percent(summary.checksRate)}`,
    ...summary.thresholds.map(({ metric, expression, passed }) => `${passed ? 'passed' : 'FAILED'}  ${metric}: ${expression}`),
  ];
  return `${lines.join('\n')}\n`;
}

export function renderJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}

function round(value: number | null): string {
  return value === null ? 'no data' : value.toFixed(1);
}

function percent(rate: number | null): string {
  return rate === null ? 'no data' : `${(rate * 100).toFixed(2)} %`;
}
